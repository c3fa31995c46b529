"""What the chair page shows of a running session, made from its log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from serein.knowledge import Knowledge, route_for
from serein.knowledge.types import Route
from serein.monitoring.limits import fresh_for_s, limits
from serein.pathway.session import (
    Due,
    Entry,
    SessionState,
    allowed,
    due,
    effective,
    fold,
    monitoring_rules,
    next_unit_at,
)
from serein.pathway.session.state import Reading
from serein_web.decisions import told
from serein_web.session.trend import trend
from serein_web.sessionlog.forms import FORMS
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.words import OUTCOME_WORDS, PHASE_WORDS, text, title
from serein_web.ui.templatetags.serein import clock, quantity
from serein_web.ui.templatetags.ui import ALARM_STATE_WORDS

Limits = tuple[float | None, float | None]
PRESSURE = ("systolic_pressure", "diastolic_pressure")
SINGLE = (
    "heart_rate",
    "oxygen_saturation",
    "respiratory_rate",
    "sedation_moaas",
    "dissociation_rating",
    "distress_rating",
    "nausea_rating",
)
CORRECTABLE = frozenset(FORMS) - {"override", "alarm-acknowledged"}
ONE_TAP = frozenset({"observation", "pause", "resume"})
NAMED = 2
"""How many of the readings that are due are named; the form asks all of them."""
UNDO = dt.timedelta(seconds=10)
"""How long an entry that one tap made offers to be taken back at once."""


def page(session: Session, log: list[Entry], knowledge: Knowledge, now: dt.datetime) -> dict[str, Any]:
    """The context of the live fragment. `late` counts what has become old or overdue since the last entry."""
    state = fold(log)
    route = route_for(knowledge, session.route, session.product)
    next_due = due(state, route, now)
    rules = monitoring_rules(knowledge, product=session.product, route=session.route, at=now)
    between = {key: limits(rules, key) for key in (*PRESSURE, *SINGLE)}
    overdue = {fact for d in next_due if d.overdue for fact in d.readings}
    old = overdue | _old(state, fresh_for_s(rules), now)
    before = _baseline(state)
    return {
        "session": session,
        "state": state,
        "allowed": allowed(state),
        "seq": session.last_seq,
        "late": len(old),
        "phase": {"name": PHASE_WORDS[state.phase], "since": state.phase_since},
        "due": _due(session, next_due, knowledge),
        "readings": [
            _pressure(state, old, between, before),
            *(_single(key, state, knowledge, old, between[key]) for key in SINGLE),
        ],
        "trend": trend(state, between[PRESSURE[0]][1], before[0] if before else None),
        "alarms": [_alarm(a, knowledge) for a in state.alarms],
        "dose": _dose(state, route, now),
        "outcome": OUTCOME_WORDS.get(state.outcome or "", ""),
        "timeline": timeline(session, log, knowledge),
    }


def _due(session: Session, found: tuple[Due, ...], knowledge: Knowledge) -> dict[str, Any] | None:
    if not found:
        return None
    first = found[0]
    asked = [knowledge.facts[k].text.ask for k in first.readings if k not in PRESSURE]
    names = [*([_("Blood pressure")] if set(PRESSURE) & set(first.readings) else []), *asked]
    what = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        what = _("%(names)s and %(n)d more") % {"names": what, "n": len(names) - NAMED}
    url = reverse("session:chart", args=[session.course_id, session.id, "observation"])
    return {"what": what, "at": first.at, "url": f"{url}?facts={','.join(first.readings)}"}


def _old(state: SessionState, fresh_s: float | None, now: dt.datetime) -> set[str]:
    """Readings that no alarm counts any more: an old number never looks alive."""
    if fresh_s is None:
        return set()
    oldest = now - dt.timedelta(seconds=fresh_s)
    return {fact for fact, series in state.observations.items() if series and series[-1].at < oldest}


def _pressure(
    state: SessionState, old: set[str], between: dict[str, Limits], before: list[float]
) -> dict[str, Any]:
    upper, lower = (state.observations.get(k, ()) for k in PRESSURE)
    both = upper and lower
    return {
        "name": _("Blood pressure"),
        "value": f"{quantity(upper[-1].value)}/{quantity(lower[-1].value)}" if both else None,
        "unit": "mmHg",
        "at": upper[-1].at if upper else None,
        "trend": _trend(upper),
        "baseline": "/".join(quantity(value) for value in before),
        **_limits([between[k] for k in PRESSURE], "mmHg"),
        "stale": bool(old & set(PRESSURE)) and bool(upper),
    }


def _baseline(state: SessionState) -> list[float]:
    """Upper and lower pressure as last taken before the dose; empty while there is no dose, or none was taken."""
    if state.start is None:
        return []
    before = [[r for r in state.observations.get(k, ()) if r.at <= state.start.at] for k in PRESSURE]
    return [float(b[-1].value) for b in before] if all(before) else []  # type: ignore[arg-type]


def _limits(between: list[Limits], unit: str) -> dict[str, str | None]:
    """Low and high as the reading shows them, "160/100 mmHg"; a side on which nothing alarms is left out."""
    low, high = ([side for side in sides if side is not None] for sides in zip(*between, strict=True))
    return {
        name: "/".join([*map(quantity, sides[:-1]), quantity(sides[-1], unit)])
        if len(sides) == len(between)
        else None
        for name, sides in (("low", low), ("high", high))
    }


def _single(
    key: str, state: SessionState, knowledge: Knowledge, old: set[str], between: Limits
) -> dict[str, Any]:
    fact, series = knowledge.facts[key], state.observations.get(key, ())
    shown = quantity(series[-1].value, fact.unit or "").rsplit("\N{NO-BREAK SPACE}", 1) if series else [None]
    return {
        "name": fact.text.ask,
        "value": shown[0],
        "unit": shown[1] if len(shown) > 1 else "",
        "at": series[-1].at if series else None,
        "trend": _trend(series),
        **_limits([between], fact.unit or ""),
        "stale": key in old and bool(series),
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
    said = "; ".join(told(alarm.because, knowledge, alarm.raised_at))
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


def undo(
    session: Session, log: list[Entry], knowledge: Knowledge, by: str, now: dt.datetime
) -> dict[str, Any] | None:
    """The last entry, if this person made it by one tap just now: what it says, and where it is taken back."""
    last = max(effective(log), key=lambda e: e.recorded_at, default=None)
    if last is None or last.by != by or last.kind not in ONE_TAP or now >= last.recorded_at + UNDO:
        return None
    return {
        "title": title(last, knowledge),
        "text": text(last, knowledge),
        "url": reverse("session:correct", args=[session.course_id, session.id, last.id]),
        "until": last.recorded_at + UNDO,
    }


def _dose(state: SessionState, route: Route, now: dt.datetime) -> list[dict[str, Any]]:
    if state.start is None:
        return []
    body = state.start.body
    found = [
        {"label": _("Ordered and read"), "value": quantity(body.dose_mg, "mg")},
        {"label": _("Given so far"), "value": quantity(round(state.given_mg(now), 1), "mg")},
    ]
    if route.given_as == "infusion":
        found.append({"label": _("Rate now"), "value": quantity(round(state.rate_mg_per_h, 2), "mg/h")})
    if (end := state.planned_end()) is not None:
        found.append({"label": _("All in at"), "value": clock(end)})
    following = next_unit_at(state, route)
    if following is not None:
        found.append({"label": _("Next one not before"), "value": clock(following)})
    return found


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
