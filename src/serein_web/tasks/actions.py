"""The only writers of tasks."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.duty import ladder
from serein_web.people.models import Patient, Site
from serein_web.tasks.models import Task

# Deadlines of the clinic's work, not clinical numbers.
SHORTEST_WHILE = dt.timedelta(minutes=5)
AGAIN_AFTER = dt.timedelta(minutes=30)


@action
def raise_task(
    *,
    by: Actor,
    site: Site,
    kind: str,
    title: str,
    role: str,
    deadline: dt.datetime,
    key: str,
    patient: Patient | None = None,
    course_id: UUID | None = None,
    body: str = "",
    blocks_next_dose: bool = False,
) -> Task:
    """A new task, or the one that already stands under this key. It goes to whoever is there for its role."""
    now = timezone.now()
    there = ladder(site, role, now)
    task, made = Task.objects.get_or_create(
        key=key,
        defaults={
            "site": site,
            "patient": patient,
            "course_id": course_id,
            "kind": kind,
            "title": title,
            "body": body,
            "role": role,
            "owner": there[0] if there else None,
            "raised_at": now,
            "deadline": deadline,
            "blocks_next_dose": blocks_next_dose,
        },
    )
    if made:
        trail.record(
            chain=_chain(task), by=by, action="task.raise", subject=f"task:{task.id}", payload={"kind": kind}
        )
    return task


@action
def take_task(*, by: Actor, task: Task) -> Task | Refusal:
    """Make it one's own: nobody else has to wonder who sees to it."""
    row = Task.objects.select_for_update(of=("self",)).get(id=task.id)
    if row.done_at is not None:
        return refuse(Reason.ALREADY_DONE, "this task", row.title)
    row.owner_id = UUID(by.id)
    row.save(update_fields=["owner"])
    trail.record(chain=_chain(row), by=by, action="task.take", subject=f"task:{row.id}")
    return row


@action
def escalate(*, by: Actor, task: Task, at: dt.datetime) -> Task | Refusal:
    """It is past its time: it goes on to the next who is there, and is due again after as long a while as it had.

    Where nobody is left it stays with the last one; the worklist shows how often it went round.
    """
    row = Task.objects.select_for_update(of=("self",)).select_related("site").get(id=task.id)
    if row.done_at is not None or row.deadline > at:
        return refuse(Reason.NOT_ALLOWED_NOW, "handing this task on", row.title, next="It is not overdue.")
    there = ladder(row.site, row.role, at)
    places = [user.id for user in there]
    place = places.index(row.owner_id) + 1 if row.owner_id in places else 0
    if there:
        row.owner = there[min(place, len(there) - 1)]
    allowed = max(row.deadline - row.raised_at, SHORTEST_WHILE) if row.level == 0 else AGAIN_AFTER
    row.level += 1
    row.deadline = at + min(allowed, AGAIN_AFTER)
    row.save(update_fields=["owner", "level", "deadline"])
    payload = {"level": row.level, "owner": str(row.owner_id) if row.owner_id else None}
    trail.record(chain=_chain(row), by=by, action="task.escalate", subject=f"task:{row.id}", payload=payload)
    return row


@action
def finish_task(*, by: Actor, task: Task, outcome: str) -> Task | Refusal:
    """Done, by whom and with what outcome. A safety task is finished by a clinician only."""
    row = Task.objects.select_for_update(of=("self",)).get(id=task.id)
    if row.done_at is not None:
        return refuse(Reason.ALREADY_DONE, "this task", row.title)
    if not outcome.strip():
        return refuse(Reason.NEEDS_REASON, "finishing a task")
    if row.kind == Task.Kind.SAFETY and not by.may("tasks.clinical", row.site_id):
        return refuse(
            Reason.NOT_ALLOWED_FOR_ROLE, "finishing a safety task", "", allowed="nurse or prescriber"
        )
    row.done_at, row.done_by_name, row.outcome = timezone.now(), by.name, outcome.strip()
    row.save(update_fields=["done_at", "done_by_name", "outcome"])
    trail.record(chain=_chain(row), by=by, action="task.finish", subject=f"task:{row.id}")
    return row


def _chain(task: Task) -> str:
    return f"course:{task.course_id}" if task.course_id else f"site:{task.site_id}"
