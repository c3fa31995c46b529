"""Reading outcomes: the scores of a course as trajectories, with its doses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from serein.instruments import Scored
from serein.knowledge import Knowledge
from serein.knowledge.types import Instrument
from serein.pathway.outcomes import Trajectory, trajectory
from serein_web.courses.models import Course
from serein_web.outcomes.models import Review
from serein_web.record.queries import scores
from serein_web.sessionlog.queries import doses

Dose = tuple[dt.datetime, float]


@dataclass(frozen=True)
class Outcome:
    """One instrument's trajectory on a course, with the doses given meanwhile."""

    instrument: Instrument
    trajectory: Trajectory
    doses: tuple[Dose, ...]


def outcomes(course: Course, knowledge: Knowledge) -> list[Outcome]:
    """Of every instrument that was answered, in the order of the pack."""
    given: dict[str, list[Scored]] = {}
    for row in scores(course.id):
        given.setdefault(row.instrument, []).append(Scored(row.total, row.at, row.prorated))
    dosed = tuple(doses(course))
    first = dosed[0][0] if dosed else None
    return [
        Outcome(instrument, trajectory(instrument, given[key], first), dosed)
        for key, instrument in knowledge.instruments.items()
        if key in given
    ]


def reviews(course: Course) -> list[Review]:
    return list(Review.objects.filter(course=course).order_by("-at"))
