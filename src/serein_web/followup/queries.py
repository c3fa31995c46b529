"""Reading questionnaires: which are open, and whose a link is."""

from __future__ import annotations

import datetime as dt

from serein.knowledge import Knowledge
from serein.pathway import followup as core
from serein_web.courses.models import Course
from serein_web.followup.models import QuestionnaireRequest
from serein_web.people.access import Actor, own
from serein_web.people.links import digest_of
from serein_web.record.models import Score
from serein_web.sessionlog.queries import last_dose
from serein_web.tasks.models import Task
from serein_web.tasks.queries import URGENCY


def by_token(token: str) -> QuestionnaireRequest | None:
    """The request that a link opens, open or not; None if no link has this token."""
    rows = QuestionnaireRequest.objects.select_related("patient", "site", "course")
    return rows.filter(digest=digest_of(token)).first()


def requests(course: Course) -> list[QuestionnaireRequest]:
    return list(QuestionnaireRequest.objects.filter(course=course).order_by("-created_at")[:20])


def own_open(actor: Actor, at: dt.datetime) -> list[QuestionnaireRequest]:
    """The questionnaires that the patient who asks can answer now, the oldest first."""
    rows = own(QuestionnaireRequest.objects.select_related("patient", "site", "course"), actor)
    return list(rows.filter(answered_at=None, cancelled_at=None, expires_at__gt=at).order_by("created_at"))


def answers_kept(request: QuestionnaireRequest) -> dict[str, Score]:
    """The scores that a request was answered with, by instrument."""
    ids = {request.score_id(key): key for key in request.instruments}
    return {ids[row.request_id]: row for row in Score.objects.filter(request_id__in=ids)}


def due(course: Course, knowledge: Knowledge) -> list[tuple[str, dt.datetime]]:
    """Which instruments are asked next and when, the soonest first."""
    answered: dict[str, list[dt.datetime]] = {}
    for row in Score.objects.filter(course_id=course.id):
        answered.setdefault(row.instrument, []).append(row.at)
    return sorted(core.due(last_dose(course), answered, knowledge).items(), key=lambda one: one[1])


def safety_key(request: QuestionnaireRequest, *, asked: bool) -> str:
    """The key of a request's safety task. One that is done does not stand for what is said after it."""
    key = f"followup-safety:{request.id}" if asked else f"followup-safety-left-out:{request.id}"
    done = Task.objects.filter(key__startswith=key).exclude(done_at=None).count()
    return f"{key}:{done}" if done else key


def open_tasks(course: Course) -> list[Task]:
    """What waits for somebody on this course, worst first."""
    rows = Task.objects.filter(course_id=course.id, done_at=None)
    return sorted(rows, key=lambda t: (URGENCY[t.kind], t.deadline))
