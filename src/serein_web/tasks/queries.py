"""Reading tasks."""

from __future__ import annotations

from uuid import UUID

from serein_web.people.access import Actor, visible
from serein_web.tasks.models import Task

URGENCY = {Task.Kind.SAFETY: 0, Task.Kind.CALL: 1, Task.Kind.CLINICAL: 2, Task.Kind.OFFICE: 3}


def worklist(actor: Actor) -> list[Task]:
    """Open tasks of the actor's sites, worst first: safety before calls before the rest, then by deadline."""
    rows = visible(Task.objects.select_related("patient"), actor, "tasks.read").filter(done_at=None)
    clinical = actor.may_anywhere("tasks.clinical")
    shown = [t for t in rows if clinical or t.kind == Task.Kind.OFFICE]
    return sorted(shown, key=lambda t: (URGENCY[t.kind], t.deadline))


def blocking(course_id: UUID) -> list[Task]:
    """Open tasks that block the next dose of a course until a clinician has seen to them."""
    return list(
        Task.objects.filter(course_id=course_id, done_at=None, blocks_next_dose=True).order_by("deadline")
    )
