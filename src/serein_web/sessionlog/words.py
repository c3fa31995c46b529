"""What an entry says on a page: a title and a line."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from serein.knowledge import Knowledge
from serein.pathway.session import Entry
from serein_web.decisions import told
from serein_web.ui.site_time import at_site
from serein_web.ui.templatetags.serein import clock, quantity

KIND_WORDS = {
    "check-in": gettext_lazy("Checked in"),
    "settings-read": gettext_lazy("Dose and pump read"),
    "dosing-start": gettext_lazy("Dosing started"),
    "dose-given": gettext_lazy("Dose given"),
    "rate-change": gettext_lazy("Rate changed"),
    "pause": gettext_lazy("Paused"),
    "resume": gettext_lazy("Resumed"),
    "dosing-stop": gettext_lazy("Dosing stopped"),
    "observation": gettext_lazy("Charted"),
    "symptom": gettext_lazy("Symptom"),
    "administration": gettext_lazy("Administration"),
    "note": gettext_lazy("Note"),
    "alarm": gettext_lazy("Alarm"),
    "alarm-acknowledged": gettext_lazy("Alarm seen"),
    "alarm-resolved": gettext_lazy("Alarm over"),
    "escort": gettext_lazy("Escort"),
    "instructions-given": gettext_lazy("Instructions given"),
    "override": gettext_lazy("Prescriber goes on"),
    "departure": gettext_lazy("Left"),
    "retracted": gettext_lazy("Entered in error"),
}
FORM_WORDS = {
    "check-in": gettext_lazy("Check in"),
    "settings-read": gettext_lazy("Read dose and pump"),
    "dosing-start": gettext_lazy("Start the dose"),
    "dose-given": gettext_lazy("Dose given"),
    "rate-change": gettext_lazy("Change the rate"),
    "pause": gettext_lazy("Pause the dose"),
    "resume": gettext_lazy("Resume the dose"),
    "dosing-stop": gettext_lazy("Stop the dose"),
    "observation": gettext_lazy("Chart readings"),
    "symptom": gettext_lazy("Symptom"),
    "administration": gettext_lazy("Controlled drug: drawn, given, wasted"),
    "note": gettext_lazy("Note"),
    "alarm-acknowledged": gettext_lazy("Alarm seen"),
    "escort": gettext_lazy("Escort"),
    "instructions-given": gettext_lazy("Instructions given"),
    "override": gettext_lazy("Go on in spite of it"),
    "retracted": gettext_lazy("Take an entry back"),
}
PHASE_WORDS = {
    "before": gettext_lazy("Before arrival"),
    "arrival": gettext_lazy("Before the dose"),
    "dosing": gettext_lazy("Dosing"),
    "paused": gettext_lazy("Paused"),
    "observation": gettext_lazy("Observation"),
    "departed": gettext_lazy("Left"),
}
OUTCOME_WORDS = {
    "completed": gettext_lazy("completed"),
    "aborted": gettext_lazy("stopped early"),
    "part-given": gettext_lazy("part of the dose given"),
    "discharged": gettext_lazy("discharged"),
    "left-before-criteria": gettext_lazy("left before the criteria held"),
    "transferred": gettext_lazy("transferred"),
    "died": gettext_lazy("died"),
    "not-dosed": gettext_lazy("went home without a dose"),
}
UNITS = {"mg": "mg", "dose_mg": "mg", "rate_mg_per_h": "mg/h", "concentration_mg_per_ml": "mg/mL"} | {
    "volume_ml": "mL",
    "pump_ml_per_h": "mL/h",
    "over_min": "min",
    "drawn_mg": "mg",
    "given_mg": "mg",
    "wasted_mg": "mg",
}
NAMES = {
    "dose_mg": gettext_lazy("dose"),
    "rate_mg_per_h": gettext_lazy("rate"),
    "concentration_mg_per_ml": gettext_lazy("concentration"),
    "volume_ml": gettext_lazy("volume"),
    "pump_ml_per_h": gettext_lazy("pump"),
    "over_min": gettext_lazy("over"),
    "drawn_mg": gettext_lazy("drawn"),
    "given_mg": gettext_lazy("given"),
    "wasted_mg": gettext_lazy("wasted"),
    "lot": gettext_lazy("lot"),
    "expiry": gettext_lazy("expiry"),
    "witness_name": gettext_lazy("witness"),
    "grade": gettext_lazy("grade"),
    "onset": gettext_lazy("from"),
    "end": gettext_lazy("until"),
    "arrived": gettext_lazy("here"),
    "warning_given": gettext_lazy("warned"),
    "prescriber_told": gettext_lazy("told"),
}
"""What stands before a value of an entry's body; the others speak for themselves."""
MOMENTS = {"onset", "end"}
HIDDEN = {"digest", "grounds", "witness", "alarm", "state"}


def title(entry: Entry, knowledge: Knowledge) -> str:
    """ "Rate changed"; of an alarm, the name of its rule."""
    word = str(KIND_WORDS[entry.kind])
    rule = knowledge.rules.get(entry.body.get("rule", ""))
    return f"{word}: {rule.text.title}" if rule else word


def form_title(form: Any) -> str:
    """What a form of `sessionlog.forms` is for; one that overrides a rule names it."""
    word = str(FORM_WORDS[form.kind])
    rule = form.knowledge.rules.get(form["rule"].value()) if "rule" in form.fields else None
    return f"{word}: {rule.text.title}" if rule else word


def text(entry: Entry, knowledge: Knowledge) -> str:
    """The body in a line."""
    if entry.kind == "observation":
        return ", ".join(value_line(k, v, knowledge) for k, v in entry.body["values"].items())
    parts = [
        "; ".join(told(value, knowledge, entry.at)) if name == "because" else _part(name, value, knowledge)
        for name, value in entry.body.items()
        if name not in HIDDEN | {"rule"} and value not in (None, "", [], ())
    ]
    return ", ".join(p for p in parts if p)


def value_line(key: str, value: Any, knowledge: Knowledge) -> str:
    """ "Heart rate: 72 /min"."""
    fact = knowledge.facts[key]
    if isinstance(value, bool):
        return f"{fact.text.ask}: {_('yes') if value else _('no')}"
    shown = quantity(value, fact.unit or "") if isinstance(value, int | float) else value
    return f"{fact.text.ask}: {shown}"


def _part(name: str, value: Any, knowledge: Knowledge) -> str:
    """One value with its name and unit: "pump 52.5 mL/h"."""
    if isinstance(value, dict):
        return ", ".join(value_line(k, v, knowledge) for k, v in value.items())
    if isinstance(value, bool):
        shown = _("yes") if value else _("no")
    elif name in UNITS:
        shown = quantity(value, UNITS[name])
    elif name in MOMENTS:
        shown = clock(dt.datetime.fromisoformat(value))
    elif isinstance(value, list | tuple):
        shown = ", ".join(str(v) for v in value)
    else:
        shown = at_site(str(OUTCOME_WORDS.get(value, value)))
    return f"{NAMES[name]} {shown}" if name in NAMES else shown
