"""The only writers of the outcomes stage."""

from __future__ import annotations

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.pathway.outcomes import review_choices
from serein_web.audit.action import action
from serein_web.courses.actions import audit, locked, move
from serein_web.courses.models import Course
from serein_web.outcomes.models import Review
from serein_web.people.access import Actor


@action
def review(*, by: Actor, course: Course, choice: str, reason: str) -> Review | Refusal:
    """A prescriber says what follows and why, and the course moves. Only the first of two browsers does it."""
    if not by.may("outcomes.write", course.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "a review", "", allowed="prescriber")
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "a review")
    row = locked(course)
    allowed = review_choices(row.state)
    if choice not in allowed:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "this review",
            f"{choice} from {row.state}",
            next="Look at the course's stage and go on from there.",
        )
    kept = Review.objects.create(
        course=row,
        site_id=row.site_id,
        choice=choice,
        reason=reason.strip(),
        at=timezone.now(),
        by=by.id,
        by_name=by.name,
    )
    audit(row, by, "outcomes.review", review=str(kept.id), choice=choice)
    moved = move(by=by, course=course, name=choice, reason=reason.strip())
    return moved if isinstance(moved, Refusal) else kept
