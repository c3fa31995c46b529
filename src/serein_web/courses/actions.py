"""The only writers of courses and of what stages publish."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.pathway import ENDED
from serein.pathway.journey import move as moved
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.courses.models import Course, Standing
from serein_web.courses.queries import standing_kinds
from serein_web.people.access import Actor
from serein_web.people.models import Patient


def audit(course: Course, by: Actor, name: str, **payload: Any) -> None:
    """One event on the course's chain; for the actions of stages."""
    trail.record(
        chain=f"course:{course.id}", by=by, action=name, subject=f"course:{course.id}", payload=payload
    )


@action
def open_course(
    *, by: Actor, patient: Patient, indication: str, product: str, route: str
) -> Course | Refusal:
    """A new course in its first stage. A patient has one open course at a time."""
    if Course.objects.filter(patient=patient).exclude(state=ENDED).exists():
        return refuse(Reason.ALREADY_DONE, "a course for this patient", patient.name)
    course = Course.objects.create(
        site_id=patient.site_id, patient=patient, indication=indication, product=product, route=route
    )
    audit(course, by, "course.open", product=product, route=route)
    return course


def locked(course: Course) -> Course:
    """The course's row, locked until the action ends: two browsers take turns."""
    return Course.objects.select_for_update(of=("self",)).select_related("patient", "site").get(id=course.id)


@action
def move(
    *, by: Actor, course: Course, name: str, at: dt.datetime | None = None, reason: str = ""
) -> Course | Refusal:
    """Take a named transition of the journey table, or say why not."""
    row = locked(course)
    target = moved(row.state, name, standing_kinds(row, at or timezone.now()))
    if isinstance(target, Refusal):
        return target
    before, row.state = row.state, target
    if target == ENDED:
        row.ended_at, row.end_reason = timezone.now(), reason[:500]
    row.save(update_fields=["state", "ended_at", "end_reason"])
    course.state = row.state
    audit(row, by, f"course.{name}", before=before, after=target, reason=reason)
    return row


@action
def publish(
    *,
    by: Actor,
    course: Course,
    kind: str,
    body: dict[str, Any],
    source_id: UUID,
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
) -> Standing:
    """Publish what a stage has concluded for the other stages."""
    row = Standing.objects.create(
        course=course,
        site_id=course.site_id,
        kind=kind,
        body=body,
        source_id=source_id,
        valid_from=valid_from or timezone.now(),
        valid_until=valid_until,
        by_name=by.name,
    )
    audit(course, by, f"course.publish-{kind}", source=str(source_id))
    return row


@action
def revoke(*, by: Actor, course: Course, kind: str, reason: str) -> Standing | None:
    """End what holds of a kind now or would begin to hold later, if anything does."""
    row = course.standings.filter(kind=kind).order_by("-recorded_at").first()
    if row is not None and (row.revoked_at or (row.valid_until and row.valid_until <= timezone.now())):
        row = None
    if row is not None:
        Standing.objects.filter(id=row.id).update(revoked_at=timezone.now(), revoked_reason=reason[:500])
        audit(course, by, f"course.revoke-{kind}", reason=reason)
    return row
