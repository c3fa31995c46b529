"""Outcomes: the scores of a course as a way from a baseline, and what a prescriber may do at a review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from serein.errors import Refusal
from serein.instruments import Change, Scored, compare
from serein.knowledge.types import Instrument
from serein.logic.truth import Truth
from serein.pathway.journey import allowed

Direction = Literal["down", "up", "steady", "unknown"]
"""Of the number. Which way is better is the instrument's to say."""
RestsOn = Literal["reliable", "important", "number"]
"""What a direction rests on: a reliable change, one that matters, or the bare number where neither is defined."""

REVIEW_CHOICES = ("follow-on", "new-plan", "end")
DOSE_UNDER_WAY = ("session", "recovery")


@dataclass(frozen=True, slots=True)
class Trajectory:
    """All scores of one instrument, oldest first, and the change from the baseline to the latest.

    `baseline` is the last total from before the first dose; where there is none, the first total, and
    `baseline_before_dose` is false. `change` is None until a score follows the baseline; `refused` says why a
    change was not computed although there were two.
    """

    instrument: str
    scores: tuple[Scored, ...]
    baseline: Scored | None
    baseline_before_dose: bool
    change: Change | None
    direction: Direction
    refused: Refusal | None = None
    rests_on: RestsOn = "reliable"


def trajectory(
    instrument: Instrument, scores: Sequence[Scored], first_dose: dt.datetime | None
) -> Trajectory:
    """The way of one instrument's scores. `first_dose`: when the first dose of the course began."""
    ordered = tuple(sorted(scores, key=lambda s: s.at))
    baseline, before_dose = _baseline(ordered, first_dose)
    latest = ordered[-1] if ordered else None
    if baseline is None or latest is None or latest is baseline:
        return Trajectory(instrument.key, ordered, baseline, before_dose, None, "unknown")
    found = compare(instrument, baseline, latest)
    if isinstance(found, Refusal):
        return Trajectory(instrument.key, ordered, baseline, before_dose, None, "unknown", found)
    direction, rests_on = _direction(found, instrument)
    return Trajectory(instrument.key, ordered, baseline, before_dose, found, direction, rests_on=rests_on)


def ratings(
    instrument: Instrument,
    answered: Sequence[tuple[dt.datetime, Sequence[int | None]]],
    first_dose: dt.datetime | None,
) -> tuple[Trajectory, ...]:
    """The way of each rating of an instrument whose items stand for themselves, in the order of its items."""
    return tuple(
        trajectory(instrument, [Scored(values[n], at) for at, values in answered], first_dose)
        for n in range(len(instrument.items))
    )


def _baseline(scores: tuple[Scored, ...], first_dose: dt.datetime | None) -> tuple[Scored | None, bool]:
    totals = [s for s in scores if s.total is not None]
    before = [s for s in totals if first_dose is None or s.at < first_dose]
    if before:
        return before[-1], True
    return (totals[0] if totals else None), False


def _direction(change: Change, instrument: Instrument) -> tuple[Direction, RestsOn]:
    """A change that measurement error alone could give is no direction. Where no source says which, the number is."""
    if change.points is None:
        return "unknown", "reliable"
    better, worse = change.reliable_improvement, change.reliable_deterioration
    rests_on: RestsOn = "reliable"
    if better.limit is None:
        better, worse, rests_on = change.important_improvement, change.important_deterioration, "important"
    if better.limit is None:
        return _way(change.points < 0, change.points > 0), "number"
    gained, lost = better.answer is Truth.TRUE, worse.answer is Truth.TRUE
    return (_way(gained, lost) if instrument.better == "lower" else _way(lost, gained)), rests_on


def _way(down: bool, up: bool) -> Direction:
    return "down" if down else "up" if up else "steady"


def review_choices(state: str) -> tuple[str, ...]:
    """What a review may conclude from a course's state. Nobody ends a course over a person still in the chair."""
    if state in DOSE_UNDER_WAY:
        return ()
    names = {t.name for t in allowed(state)}
    return tuple(name for name in REVIEW_CHOICES if name in names)
