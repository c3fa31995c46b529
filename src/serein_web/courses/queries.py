"""Reading courses: the one way by which staff and patients reach them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.models import Q

from serein_web.courses.models import Course, Standing
from serein_web.people.access import Actor, found, own, visible


def course_for(actor: Actor, permission: str, course_id: UUID) -> Course:
    """A course that this member of staff may reach, or 404."""
    return found(visible(Course.objects.select_related("patient", "site"), actor, permission), id=course_id)


def own_course(actor: Actor, course_id: UUID) -> Course:
    """A course of the patient who is asking, or 404."""
    return found(own(Course.objects.select_related("patient", "site"), actor), id=course_id)


def own_courses(actor: Actor) -> list[Course]:
    return list(own(Course.objects.select_related("site"), actor).order_by("-opened_at"))


def standing(course: Course, kind: str, at: dt.datetime) -> Standing | None:
    """The newest of its kind if it holds at this instant; an older one never comes back."""
    newest = course.standings.filter(kind=kind, recorded_at__isnull=False).order_by("-recorded_at").first()
    return newest if newest is not None and newest.holds_at(at) else None


def standing_kinds(course: Course, at: dt.datetime) -> frozenset[str]:
    """The kinds of which something holds now."""
    return frozenset(k for k in Standing.Kind.values if standing(course, k, at))


def open_courses(actor: Actor, permission: str, text: str = ""):
    """Courses that somebody is on, newest first; `text` narrows by the patient's name."""
    rows = visible(Course.objects.select_related("patient"), actor, permission).exclude(state="ended")
    for word in text.split():
        rows = rows.filter(Q(patient__family_name__icontains=word) | Q(patient__given_name__icontains=word))
    return rows.order_by("-opened_at")
