"""What the ticker does with messages: hand over what waits, ask how far the others came."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from serein_web.correspondence.actions import deliver, note_failure, note_progress, queue
from serein_web.correspondence.carriers import NotCarried, carrier
from serein_web.correspondence.models import Message
from serein_web.correspondence.queries import due, is_open, on_their_way
from serein_web.people.access import SEREIN
from serein_web.schedule.models import Appointment


def carry(now: dt.datetime) -> int:
    """Hand over every message that is due; how many."""
    found = due(now)
    for message in found:
        deliver(message, now)
    return len(found)


REMIND_BEFORE, TOO_LATE = dt.timedelta(hours=48), dt.timedelta(hours=2)
"""Reminders are an office matter, not a clinical one."""


def remind(now: dt.datetime) -> int:
    """Queue a reminder of every appointment in the next two days, for patients who may be written to; how many."""
    rows = Appointment.objects.filter(
        status=Appointment.Status.BOOKED, starts_at__gt=now + TOO_LATE, starts_at__lte=now + REMIND_BEFORE
    )
    rows = rows.exclude(patient__contact_by="").select_related("patient", "site")
    told = Message.objects.filter(template="appointment", queued_at__gt=now - 2 * REMIND_BEFORE)
    known = set(told.values_list("key", flat=True))
    queued = 0
    for row in rows:
        key = f"appointment:{row.id}:{row.starts_at.isoformat()}"
        if key in known or not is_open(row.site, row.patient.contact_by):
            continue
        when = row.starts_at.astimezone(ZoneInfo(row.site.time_zone))
        kept = queue(
            by=SEREIN,
            site=row.site,
            patient=row.patient,
            way=row.patient.contact_by,
            register=row.patient.register,
            template="appointment",
            key=key,
            values={"name": row.patient.given_name, "when": f"{when.day} {when:%B, %H:%M}"},
        )
        queued += isinstance(kept, Message)
    return queued


def follow(now: dt.datetime) -> int:
    """Ask the carriers how far messages came; how many are settled by that."""
    settled = 0
    for message in on_their_way(now):
        by_what = carrier(message.way)
        if by_what is None:
            continue
        try:
            state = by_what.ask(message.carrier_id)
        except NotCarried:
            continue
        if state == "delivered":
            note_progress(by=SEREIN, message=message, state=state, at=now)
        elif state == "failed":
            note_failure(
                by=SEREIN, message=message, why="the carrier could not deliver it", again=False, at=now
            )
        settled += state != "sent"
    return settled
