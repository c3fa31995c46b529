"""What the chair page shows of a running session, made from its log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from serein.knowledge import Knowledge, route_for
from serein.pathway.session import Due, Entry, SessionState, allowed, due, effective, fold
from serein.pathway.session.state import Reading
from serein_web.sessionlog.forms import FORMS
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.words import OUTCOME_WORDS, PHASE_WORDS, text, title
from serein_web.ui.templatetags.serein import quantity
from serein_web.ui.templatetags.ui import ALARM_STATE_WORDS

PRESSURE = ("systolic_pressure", "diastolic_pressure")
SINGLE = (
    "heart_rate",
    "oxygen_saturation",
    "respiratory_rate",
    "sedation_moaas",
    "dissociation_rating",
    "nausea_rating",
)
IN_A_ROW = 3
CORRECTABLE = frozenset(FORMS) - {"override", "alarm-acknowledged"}


def page(session: Session, log: list[Entry], knowledge: Knowledge, now: dt.datetime) -> dict[str, Any]:
    """The context of the live fragment. `late` counts what has become old or overdue since the last entry."""
    state = fold(log)
    route = route_for(knowledge, session.route, session.product)
    next_due = due(state, route, now)
    overdue = {fact for d in next_due if d.overdue for fact in d.readings}
    readings = [_pressure(state, overdue), *(_single(key, state, knowledge, overdue) for key in SINGLE)]
    return {
        "session": session,
        "state": state,
        "allowed": allowed(state),
        "seq": session.last_seq,
        "late": len(overdue),
        "phase": {"name": PHASE_WORDS[state.phase], "since": state.phase_since},
        "due": _due(session, next_due, knowledge),
        "rows": [readings[i : i + IN_A_ROW] for i in range(0, len(readings), IN_A_ROW)],
        "alarms": [_alarm(a, knowledge) for a in state.alarms],
        "dose": _dose(state, now),
        "outcome": OUTCOME_WORDS.get(state.outcome or "", ""),
        "timeline": timeline(session, log, knowledge),
    }


def _due(session: Session, found: tuple[Due, ...], knowledge: Knowledge) -> dict[str, Any] | None:
    if not found:
        return None
    first = found[0]
    names = ", ".join(knowledge.facts[k].text.ask for k in first.readings)
    url = reverse("session:chart", args=[session.course_id, session.id, "observation"])
    return {"what": names, "at": first.at, "url": f"{url}?facts={','.join(first.readings)}"}


def _pressure(state: SessionState, overdue: set[str]) -> dict[str, Any]:
    upper, lower = (state.observations.get(k, ()) for k in PRESSURE)
    both = upper and lower
    return {
        "name": _("Blood pressure"),
        "value": f"{quantity(upper[-1].value)}/{quantity(lower[-1].value)}" if both else None,
        "unit": "mmHg",
        "at": upper[-1].at if upper else None,
        "trend": _trend(upper),
        "baseline": _baseline(state),
        "stale": bool(overdue & set(PRESSURE)) and bool(upper),
    }


def _baseline(state: SessionState) -> str:
    if state.start is None:
        return ""
    before = [[r for r in state.observations.get(k, ()) if r.at <= state.start.at] for k in PRESSURE]
    return "/".join(quantity(b[-1].value) for b in before) if all(before) else ""


def _single(key: str, state: SessionState, knowledge: Knowledge, overdue: set[str]) -> dict[str, Any]:
    fact, series = knowledge.facts[key], state.observations.get(key, ())
    shown = quantity(series[-1].value, fact.unit or "").rsplit("\N{NO-BREAK SPACE}", 1) if series else [None]
    return {
        "name": fact.text.ask,
        "value": shown[0],
        "unit": shown[1] if len(shown) > 1 else "",
        "at": series[-1].at if series else None,
        "trend": _trend(series),
        "stale": key in overdue and bool(series),
    }


def _trend(series: tuple[Reading, ...]) -> str:
    if len(series) < 2:
        return ""
    before, last = series[-2].value, series[-1].value
    if not isinstance(before, float) or not isinstance(last, float):
        return ""
    return "up" if last > before else "down" if last < before else "steady"


def _alarm(alarm: Any, knowledge: Knowledge) -> dict[str, Any]:
    rule = knowledge.rules.get(alarm.rule)
    said = "; ".join(alarm.because)
    do = rule.alarm.do if rule and rule.alarm and alarm.resolved_at is None else ""
    name = rule.text.title if rule else alarm.rule
    return {
        "id": alarm.id,
        "priority": alarm.priority,
        "state": _alarm_state(alarm),
        "text": ". ".join(t.rstrip(".") for t in (name, said, do) if t),
        "at": alarm.raised_at,
        "by": alarm.acknowledged_by,
        "to_see": alarm.acknowledged_at is None,
    }


def _alarm_state(alarm: Any) -> str:
    """One of the words of the look; an alarm that is over but that nobody has seen is shown as over."""
    state = "resolved" if alarm.resolved_at else "acknowledged" if alarm.acknowledged_at else "active"
    assert state in ALARM_STATE_WORDS
    return state


def _dose(state: SessionState, now: dt.datetime) -> list[dict[str, Any]]:
    if state.start is None:
        return []
    body = state.start.body
    return [
        {"label": _("Ordered and read"), "value": quantity(body.dose_mg, "mg")},
        {"label": _("Given so far"), "value": quantity(round(state.given_mg(now), 1), "mg")},
        {"label": _("Rate now"), "value": quantity(round(state.rate_mg_per_h, 2), "mg/h")},
    ]


def timeline(session: Session, log: list[Entry], knowledge: Knowledge) -> list[dict[str, Any]]:
    """The log as it reads now, newest first; what was corrected says so."""
    corrected = {e.corrects for e in log if e.corrects}
    return [
        {
            "at": e.at,
            "title": title(e, knowledge),
            "text": text(e, knowledge),
            "by": e.by_name + (f" ({_('corrected')})" if e.id in corrected else ""),
            "kind": "major" if e.kind in {"dosing-start", "dosing-stop", "departure"} else "",
            "url": reverse("session:correct", args=[session.course_id, session.id, e.id])
            if e.kind in CORRECTABLE
            else "",
        }
        for e in reversed(effective(log))
    ]
