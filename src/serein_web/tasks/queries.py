"""Reading tasks."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.models import Q

from serein_web.people.access import Actor, visible
from serein_web.tasks.models import Task

URGENCY = {Task.Kind.SAFETY: 0, Task.Kind.CALL: 1, Task.Kind.CLINICAL: 2, Task.Kind.OFFICE: 3}


def worklist(actor: Actor) -> list[Task]:
    """Open tasks of the actor's sites, worst first: safety before calls before the rest, then by deadline."""
    rows = visible(Task.objects.select_related("patient", "owner"), actor, "tasks.read").filter(done_at=None)
    shown = [t for t in rows if t.kind == Task.Kind.OFFICE or actor.may("tasks.clinical", t.site_id)]
    return sorted(shown, key=lambda t: (URGENCY[t.kind], t.deadline))


def overdue(at: dt.datetime) -> list[Task]:
    """Open tasks past their time, of every site; office work waits, the rest goes on to the next person."""
    rows = Task.objects.filter(done_at=None, deadline__lte=at).exclude(kind=Task.Kind.OFFICE)
    return list(rows.select_related("site").order_by("deadline"))


def blocking(course_id: UUID, patient_id: UUID | None = None) -> list[Task]:
    """Open tasks that block the next dose until a clinician has seen to them; with the patient, of every course."""
    whose = Q(course_id=course_id)
    if patient_id is not None:
        whose |= Q(patient_id=patient_id)
    return list(Task.objects.filter(whose, done_at=None, blocks_next_dose=True).order_by("deadline"))
