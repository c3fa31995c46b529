"""What holds only until a day, and is near it: temporary law, a source with an end of its own."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from serein.knowledge.types import Knowledge

WARNED_BEFORE = dt.timedelta(days=60)
"""Long enough to look up what comes after, and to have it reviewed. Not a clinical number."""


class Lapse(msgspec.Struct, frozen=True):
    """A rule or a source and its last day. `days` are left from the instant asked about; below 0 it has lapsed."""

    kind: Literal["rule", "evidence"]
    key: str
    last_day: dt.date
    days: int


def lapsing(knowledge: Knowledge, at: dt.datetime, within: dt.timedelta = WARNED_BEFORE) -> tuple[Lapse, ...]:
    """What lapses within so long of an instant or has lapsed already, the soonest first. Retired rules are left out."""
    today = at.astimezone(dt.UTC).date()
    dated: list[tuple[Literal["rule", "evidence"], str, dt.date]] = [
        ("rule", r.key, r.lapses_on) for r in knowledge.rules.values() if r.lapses_on and not r.retired_on
    ]
    dated += [("evidence", e.key, e.lapses_on) for e in knowledge.evidence.values() if e.lapses_on]
    found = [Lapse(kind, key, day, (day - today).days) for kind, key, day in dated]
    return tuple(sorted((f for f in found if f.days <= within.days), key=lambda f: (f.days, f.kind, f.key)))
