"""A series of sessions: whether it can be planned so, when its sessions start, how long each takes the chair."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import ProtocolPhase, Route
from serein.units import Quantity


class Series(msgspec.Struct, frozen=True):
    """How many sessions, how far apart, within what span (quantities as text)."""

    sessions: int
    spacing: str
    over: str


def series_refused(series: Series, route: Route) -> Refusal | None:
    """Why no series can be planned so, or None."""
    if series.sessions < 1:
        return refuse(Reason.NEGATIVE, "sessions", series.sessions)
    spacing, over = minutes("spacing", series.spacing), minutes("series span", series.over)
    least = minutes("least spacing", route.minimum_spacing)
    for value in (spacing, over, least):
        if isinstance(value, Refusal):
            return value
    assert isinstance(spacing, Decimal)
    assert isinstance(over, Decimal)
    assert isinstance(least, Decimal)
    if spacing < least:
        return refuse(
            Reason.OUT_OF_RANGE, "spacing", series.spacing, low=route.minimum_spacing, high="any longer"
        )
    if spacing * (series.sessions - 1) > over:
        return refuse(
            Reason.MISMATCH,
            "series span",
            f"{series.sessions} sessions, one every {series.spacing}, within {series.over}",
            next="Give fewer sessions, less time between them, or a longer span.",
        )
    return None


def too_many(series: Series, phase: ProtocolPhase | None) -> str:
    """How the series crosses the most that its phase of the protocol allows in a span, in a sentence; or nothing."""
    if phase is None or phase.at_most is None:
        return ""
    spacing, within = minutes("spacing", series.spacing), minutes("span", phase.at_most.within)
    assert isinstance(spacing, Decimal)
    assert isinstance(within, Decimal)
    planned = min(series.sessions, int((within / spacing).to_integral_value(rounding=ROUND_CEILING)))
    if planned <= phase.at_most.sessions:
        return ""
    return (
        f"{planned} sessions in {phase.at_most.within}; the protocol knows {phase.at_most.sessions} at most"
    )


def minutes(field: str, written: str) -> Decimal | Refusal:
    """A written time in minutes, above zero."""
    quantity = units.parse(written, field, "min", positive=True)
    return quantity if isinstance(quantity, Refusal) else quantity.to("min")


def series_starts(
    first: dt.datetime, series: Series, minimum_spacing: str, time_zone: str
) -> tuple[dt.datetime, ...] | Refusal:
    """Proposed starts, all at the first one's clock time at the site, in UTC.

    A spacing that is no whole number of days alternates (84 h: three days, then four). Refused if two starts
    would come closer than the least spacing.
    """
    zone = ZoneInfo(time_zone)
    local = first.astimezone(zone)
    step = units.parse(series.spacing, "spacing", "d", positive=True)
    least = units.parse(minimum_spacing, "least spacing", "h", positive=True)
    if isinstance(step, Refusal):
        return step
    assert isinstance(least, Quantity)
    starts = tuple(
        dt.datetime.combine(
            local.date() + dt.timedelta(days=int(step.to("d") * n)), local.time(), zone
        ).astimezone(dt.UTC)
        for n in range(series.sessions)
    )
    gap = dt.timedelta(hours=float(least.to("h")))
    for before, after in pairwise(starts):
        if after - before < gap:
            return refuse(
                Reason.OUT_OF_RANGE, "spacing", series.spacing, low=minimum_spacing, high="any longer"
            )
    return starts


def chair_minutes(over_min: float, route: Route) -> int:
    """How long the chair is taken: the dose and the least observation after it, in whole minutes."""
    observation = minutes("least observation", route.minimum_observation)
    assert isinstance(observation, Decimal)
    before = Decimal(0) if route.observation_from == "start of dosing" else Decimal(str(over_min))
    return int((before + observation).to_integral_value(rounding=ROUND_CEILING))
