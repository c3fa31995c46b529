"""What is to be charted next, and when, by the checks of the route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from serein import units
from serein.knowledge.types import Check, Route
from serein.pathway.session.state import SessionState

WITHOUT_INTERVAL = dt.timedelta(0)


class Due(msgspec.Struct, frozen=True):
    """Readings that are due together at an instant. `phase` is that of the check."""

    at: dt.datetime
    phase: str
    readings: tuple[str, ...]
    overdue: bool


def due(state: SessionState, route: Route, at: dt.datetime) -> tuple[Due, ...]:
    """The next due moment of every reading that the running phase asks for, soonest first.

    A check counts as done if it was charted in the second half of the interval before it is due, or later.
    """
    start = phase_start(state, route, at)
    if start is None:
        return ()
    phase, since = start
    found: dict[dt.datetime, list[str]] = {}
    for fact, moment in _next_by_fact(state, route, phase, since):
        found.setdefault(moment, []).append(fact)
    return tuple(Due(t, phase, tuple(facts), t < at) for t, facts in sorted(found.items()))


def phase_start(state: SessionState, route: Route, at: dt.datetime) -> tuple[str, dt.datetime] | None:
    """The phase of checks that runs at `at` and since when; None before arrival and after leaving."""
    if state.phase == "arrival" and state.phase_since is not None:
        return "arrival", state.phase_since
    if state.phase in {"dosing", "paused"} and state.start is not None:
        return "dosing", state.start.at
    if state.phase == "observation" and state.stop is not None:
        over = observed_until(state, route)
        return ("recovery", over) if over is not None and at >= over else ("observation", state.stop.at)
    return None


def observed_until(state: SessionState, route: Route) -> dt.datetime | None:
    """When the shortest observation of the route is over; None while dosing has not begun or ended."""
    ended = route.observation_from == "end of dosing"
    since = state.dosing_ended_at if ended else state.dosing_started_at
    if since is None or state.stop is None:
        return None
    return max(since + span(route.minimum_observation), state.stop.at)


def next_unit_at(state: SessionState, route: Route) -> dt.datetime | None:
    """From when the next device or spray of the dose may be given; None where none has been, or none is left."""
    if not route.between_units or not state.boluses or state.start is None or state.stop is not None:
        return None
    last = state.boluses[-1][0]
    left = state.start.body.dose_mg - state.given_mg(last)
    return last + span(route.between_units) if left > 0 else None


def span(text: str) -> dt.timedelta:
    """A time from knowledge, "40 min". The loader has checked it."""
    parsed = units.parse(text, "time", "min")
    assert isinstance(parsed, units.Quantity), text
    return dt.timedelta(seconds=float(parsed.to("s")))


def _next_by_fact(
    state: SessionState, route: Route, phase: str, since: dt.datetime
) -> Iterator[tuple[str, dt.datetime]]:
    soonest: dict[str, dt.datetime] = {}
    for check in route.checks:
        if check.phase != phase:
            continue
        for fact in check.readings:
            moment = _next(check, since, state, fact)
            if moment is not None:
                soonest[fact] = min(moment, soonest.get(fact, moment))
    yield from soonest.items()


def _next(check: Check, since: dt.datetime, state: SessionState, fact: str) -> dt.datetime | None:
    """The first moment of the check that no reading has met."""
    taken = state.latest(fact)
    for moment, interval in _moments(check, since):
        if taken is None or taken.at < moment - interval / 2:
            return moment
    return None


def _moments(check: Check, since: dt.datetime) -> Iterator[tuple[dt.datetime, dt.timedelta]]:
    """Every due moment in order with the interval before it. `every` never ends: the phase does."""
    fixed = sorted(span(t) for t in check.at)
    every = span(check.every) if check.every else None
    place, before = 1, WITHOUT_INTERVAL
    while fixed or every:
        if fixed and (every is None or fixed[0] <= place * every):
            offset = fixed.pop(0)
            if every and offset == place * every:
                place += 1
        else:
            assert every is not None
            offset, place = place * every, place + 1
        yield since + offset, (offset - before) or every or WITHOUT_INTERVAL
        before = offset
