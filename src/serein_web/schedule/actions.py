"""The only writers of appointments."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.models import Patient, Site
from serein_web.schedule.models import Appointment, Chair

Status = Appointment.Status
NEXT: dict[str, tuple[str, ...]] = {
    Status.BOOKED: (Status.ARRIVED, Status.NO_SHOW, Status.CANCELLED),
    Status.ARRIVED: (Status.IN_CHAIR, Status.LEFT, Status.CANCELLED),
    Status.IN_CHAIR: (Status.LEFT,),
    Status.LEFT: (),
    Status.NO_SHOW: (Status.BOOKED, Status.ARRIVED),
    Status.CANCELLED: (Status.BOOKED,),
}

NOT_TAKEN = (Status.CANCELLED, Status.NO_SHOW)


@action
def add_chair(*, by: Actor, site: Site, name: str) -> Chair | Refusal:
    if Chair.objects.filter(site=site, name=name.strip()).exists():
        return refuse(Reason.DUPLICATE, "chair", name)
    chair = Chair.objects.create(site=site, name=name.strip())
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="chair.add",
        subject=f"chair:{chair.id}",
        payload={"name": name},
    )
    return chair


@action
def book(
    *,
    by: Actor,
    patient: Patient,
    kind: str,
    starts_at: dt.datetime,
    minutes: int,
    chair: Chair | None = None,
    course_id: UUID | None = None,
) -> Appointment | Refusal:
    """An appointment. A patient cannot be in two places, a chair cannot hold two."""
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    # The rows that two bookings would share: the second waits, and sees the first.
    Patient.objects.select_for_update(of=("self",)).get(id=patient.id)
    if chair is not None:
        Chair.objects.select_for_update(of=("self",)).get(id=chair.id)
    refused = _taken(patient, chair, starts_at, ends_at)
    if refused is not None:
        return refused
    row = Appointment.objects.create(
        site_id=patient.site_id,
        patient=patient,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        chair=chair,
        course_id=course_id,
    )
    _audit(row, by, "appointment.book", kind=kind)
    return row


def _taken(
    patient: Patient, chair: Chair | None, starts_at: dt.datetime, ends_at: dt.datetime
) -> Refusal | None:
    """Why the patient or the chair is not free then, or None. Cancelled and missed appointments take no place."""
    busy = Appointment.objects.exclude(status__in=NOT_TAKEN).filter(
        starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if busy.filter(patient=patient).exists():
        return refuse(Reason.DUPLICATE, "an appointment at that time", f"{starts_at:%Y-%m-%d %H:%M} UTC")
    if chair is not None and busy.filter(chair=chair).exists():
        return refuse(Reason.ALREADY_DONE, "booking this chair at that time", chair.name)
    return None


@action
def set_status(*, by: Actor, appointment: Appointment, status: str) -> Appointment | Refusal:
    """Booked, arrived, in chair, left, did not come, cancelled: along the table `NEXT`."""
    row = Appointment.objects.select_for_update(of=("self",)).get(id=appointment.id)
    if row.status == status:
        return row
    if status not in NEXT[row.status]:
        return refuse(
            Reason.NOT_ALLOWED_NOW, "appointment", f"{status} after {row.status}", next="Reload today's list."
        )
    if row.status in NOT_TAKEN:
        refused = _taken(row.patient, row.chair, row.starts_at, row.ends_at)
        if refused is not None:
            return refused
    before, row.status = row.status, status
    row.save(update_fields=["status"])
    _audit(row, by, "appointment.status", before=before, after=status)
    return row


def _audit(row: Appointment, by: Actor, name: str, **payload: object) -> None:
    trail.record(
        chain=f"patient:{row.patient_id}",
        by=by,
        action=name,
        subject=f"appointment:{row.id}",
        payload=payload,
    )
