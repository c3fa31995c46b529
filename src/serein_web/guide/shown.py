"""What the guide's pages show, made from the knowledge: nothing here decides anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from serein.knowledge import Knowledge
from serein.knowledge.numbers import named
from serein.knowledge.types import Fact, Rule
from serein.knowledge.words import asked, phrase, quantity
from serein.safety.overlay import Overlay, Threshold, thresholds

KINDS = {
    "contraindications": gettext_lazy("Contraindications"),
    "cautions": gettext_lazy("Cautions"),
    "interactions": gettext_lazy("Interactions with other medicines"),
    "day-of-treatment": gettext_lazy("Before the dose, on the day"),
    "monitoring": gettext_lazy("Alarms while monitored"),
    "discharge": gettext_lazy("Before somebody leaves"),
    "work-up": gettext_lazy("Work-up before the first dose"),
    "surveillance": gettext_lazy("Watched over months"),
    "home": gettext_lazy("At home"),
    "crisis": gettext_lazy("In a crisis"),
}
FOLDERS = {
    "instruments": gettext_lazy("Questionnaires"),
    "products": gettext_lazy("Products"),
    "routes": gettext_lazy("Routes"),
    "protocols": gettext_lazy("Protocols"),
    "checklists": gettext_lazy("Emergency checklists"),
    "models": gettext_lazy("Models and tables"),
}
IF_UNKNOWN = {
    "block": gettext_lazy("Nothing starts until it is known."),
    "ask": gettext_lazy("It is asked; a prescriber may go on without the answer, with a reason."),
    "note": gettext_lazy("It is noted as not known, and stops nothing."),
}
STATES = {
    "fires": gettext_lazy("applies"),
    "silent": gettext_lazy("does not apply"),
    "unknown": gettext_lazy("cannot be judged"),
}
BELOW = ("evidence", "examples", "written_by", "checked_by", "reviewed_on", "review_due", "key")


def groups(rules: list[Rule]) -> list[dict[str, Any]]:
    """Rules by kind, in the order in which a person meets them."""
    order = [*KINDS, *sorted({r.kind for r in rules} - KINDS.keys())]
    found = []
    for kind in order:
        mine = sorted((r for r in rules if r.kind == kind), key=lambda r: r.text.title)
        if mine:
            found.append({"kind": kind, "title": KINDS.get(kind, kind), "rules": mine})
    return found


def rule(found: Rule, knowledge: Knowledge) -> dict[str, Any]:
    """One rule as its page shows it."""
    read = facts_read(found.when)
    return {
        "rule": found,
        "kind": KINDS.get(found.kind, found.kind),
        "when": phrase(found.when, knowledge.facts),
        "if_unknown": IF_UNKNOWN.get(found.if_unknown, found.if_unknown),
        "facts": [fact(knowledge.facts[key], knowledge) for key in read if key in knowledge.facts],
        "examples": [_example(e, knowledge.facts) for e in found.examples],
        "evidence": sources(found.evidence, knowledge),
        "only": _only(found),
        "lapses_on": getattr(found, "lapses_on", None),
    }


def facts_read(when: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts that a condition compares, each once."""
    if "fact" in when:
        return (when["fact"],)
    parts = [part for word in ("all", "any", "none") for part in when.get(word, ())]
    return tuple(dict.fromkeys(key for part in parts for key in facts_read(part)))


def _only(found: Rule) -> list[str]:
    """To whom it speaks, where that is not everybody."""
    return [
        ", ".join(words)
        for words in (found.products, found.routes, found.settings, found.jurisdictions)
        if words
    ]


def _example(example: Any, facts: Mapping[str, Fact]) -> dict[str, Any]:
    ago = getattr(example, "ago", {})  # how long before it was said, where that matters
    given = [
        f"{asked(key, facts)}: {_value(facts.get(key), value)}"
        + (f" ({_('said %(span)s before') % {'span': quantity(ago[key])}})" if key in ago else "")
        for key, value in example.facts.items()
    ]
    return {"note": example.note, "given": given or [_("nothing known")], "state": STATES[example.state]}


def _value(found: Fact | None, value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or _("none")
    unit = found.unit if found is not None and found.type == "number" and value != "unknown" else ""
    return quantity(f"{value} {unit}".strip())


def fact(found: Fact, knowledge: Knowledge) -> dict[str, Any]:
    """One fact in words: how it is asked, how long an answer counts, what a record may carry for it."""
    plausible = ""
    if found.plausible is not None:
        low, high = found.plausible
        highest = f"{high:g} {found.unit}" if found.unit else f"{high:g}"
        plausible = f"{low:g} – {quantity(highest)}"
    return {
        "fact": found,
        "validity": _("always") if found.validity == "lifetime" else quantity(found.validity),
        "plausible": plausible,
        "rules": [r for r in knowledge.rules.values() if found.key in facts_read(r.when)],
    }


def sources(keys: tuple[str, ...] | list[str], knowledge: Knowledge) -> list[dict[str, str]]:
    return [
        {
            "key": key,
            "title": knowledge.evidence[key].citation if key in knowledge.evidence else key,
            "checked": knowledge.evidence[key].checked if key in knowledge.evidence else "",
            "url": reverse("screening:evidence", args=[key]),
        }
        for key in keys
    ]


def numbers(found: Rule, knowledge: Knowledge, overlay: Overlay | None) -> list[dict[str, Any]]:
    """Each number of a rule: the shared one, and what a site has set instead."""
    own = {s.path: s for s in overlay.settings if s.rule == found.key} if overlay else {}
    return [
        {
            "path": t.path,
            "name": threshold_name(t, knowledge),
            "shared": quantity(t.value),
            "here": quantity(own[t.path].value) if t.path in own else "",
        }
        for t in thresholds(found)
    ]


def threshold_name(found: Threshold, knowledge: Knowledge) -> str:
    """ "Systolic blood pressure, limit", or how long its value counts."""
    name = asked(found.fact, knowledge.facts)
    if found.operator == "taken_within":
        return _("%(fact)s: how long a value counts") % {"fact": name}
    return _("%(fact)s: the limit") % {"fact": name}


def tree(
    raw: Mapping[str, Any] | list[Any] | tuple[Any, ...], facts: Mapping[str, Fact]
) -> list[dict[str, Any]]:
    """A file of any shape as nested rows of label and value, its words first."""
    if isinstance(raw, Mapping):
        ordered = sorted(raw.items(), key=lambda item: item[0] != "text")
        shown = [
            (label, value) for label, value in ordered if label not in BELOW and value not in ("", [], {})
        ]
        return [_row(label, value, facts) for label, value in shown]
    return [_row(name, value, facts) for name, value in named(raw)]


def _row(label: str, value: Any, facts: Mapping[str, Fact]) -> dict[str, Any]:
    words = label.replace("_", " ").replace("#", " ")
    if isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value)
    ):
        return {"label": words, "rows": tree(value, facts)}
    if isinstance(value, list | tuple):
        return {"label": words, "value": ", ".join(_said(v, facts) for v in value)}
    if isinstance(value, bool):
        return {"label": words, "value": _("yes") if value else _("no")}
    return {"label": words, "value": _said(value, facts)}


def _said(value: Any, facts: Mapping[str, Fact]) -> str:
    """A fact's key as staff are asked for it; any other value as a reader says it."""
    return asked(value, facts) if value in facts else quantity(value)


def due(knowledge: Knowledge, by: dt.date) -> list[dict[str, Any]]:
    """Whatever is to be read again by this day, or lapses by then: what, the file, which of the two, and when."""
    found = []
    for name, raw in knowledge.pack.files.items():
        for what in () if raw.get("retired_on") else ("review_due", "lapses_on"):
            day = _day(raw.get(what))
            if day is not None and day <= by:
                text = raw.get("text")
                title = text.get("title") if isinstance(text, Mapping) else None
                found.append({"file": name, "title": title or raw.get("key", name), "what": what, "on": day})
    return sorted(found, key=lambda row: (row["on"], row["file"]))


def _day(value: Any) -> dt.date | None:
    """A date of a parsed file: a pack that came from TOML has dates, a stored one has their text."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
