"""Reading outcomes: the scores of a course as trajectories, with its doses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from serein.instruments import Scored
from serein.knowledge import Knowledge
from serein.knowledge.types import Instrument, Item
from serein.pathway.outcomes import Trajectory, ratings, trajectory
from serein_web.courses.models import Course
from serein_web.outcomes.models import Review
from serein_web.record.models import Score
from serein_web.record.queries import scores
from serein_web.sessionlog.queries import doses

Dose = tuple[dt.datetime, float]


@dataclass(frozen=True)
class Outcome:
    """One instrument's trajectory on a course, with the doses given meanwhile."""

    instrument: Instrument
    trajectory: Trajectory
    doses: tuple[Dose, ...]
    item: Item | None = None
    """The rating that it is of, where the instrument's items stand for themselves."""


def outcomes(course: Course, knowledge: Knowledge) -> list[Outcome]:
    """Of every instrument that was answered, in the order of the pack; of ratings one for each."""
    given: dict[str, list[Score]] = {}
    for row in scores(course.id):
        given.setdefault(row.instrument, []).append(row)
    dosed = tuple(doses(course))
    first = dosed[0][0] if dosed else None
    return [
        outcome
        for key, instrument in knowledge.instruments.items()
        if key in given
        for outcome in _of(instrument, given[key], dosed, first)
    ]


def _of(
    instrument: Instrument, rows: list[Score], dosed: tuple[Dose, ...], first: dt.datetime | None
) -> list[Outcome]:
    if instrument.scoring != "ratings":
        way = trajectory(instrument, [Scored(row.total, row.at, row.prorated) for row in rows], first)
        return [Outcome(instrument, way, dosed)]
    ways = ratings(instrument, [(row.at, row.answers) for row in rows], first)
    return [Outcome(instrument, w, dosed, item) for w, item in zip(ways, instrument.items, strict=True)]


def reviews(course: Course) -> list[Review]:
    return list(Review.objects.filter(course=course).order_by("-at"))
