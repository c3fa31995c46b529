"""The only writers of messages and channels."""

from __future__ import annotations

import datetime as dt
import secrets
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.correspondence.carriers import Carried, NotCarried, carrier
from serein_web.correspondence.models import Channel, Message, Way
from serein_web.correspondence.queries import is_open
from serein_web.correspondence.words import templates, write
from serein_web.people.access import SEREIN, Actor
from serein_web.people.models import Patient, Role, Site, User
from serein_web.tasks.actions import raise_task

# Deadlines of the office, not clinical numbers.
TRIES = 5
FIRST_PAUSE = dt.timedelta(minutes=1)
CODE_LASTS = dt.timedelta(hours=24)
CALL_WITHIN = dt.timedelta(hours=4)
CALL_WITHIN_SAFETY = dt.timedelta(hours=1)


@action
def queue(
    *,
    by: Actor,
    site: Site,
    template: str,
    key: str,
    patient: Patient | None = None,
    user: User | None = None,
    way: str = Way.EMAIL,
    values: dict[str, str] | None = None,
    register: str = "warm",
    language: str = "en",
    safety: bool = False,
    course_id: UUID | None = None,
) -> Message | Refusal:
    """Put a message in the queue. Refused: no address, a way that has not proved itself, a value that is missing."""
    given = values or {}
    lacking = [name for name in templates("en")[template].needs if not given.get(name)]
    if lacking:
        return refuse(Reason.MISSING, lacking[0])
    to = _address(patient, user, way)
    if not to:
        return refuse(
            Reason.MISSING, str(Way(way).label), next="Enter the address first, or hand it over in person."
        )
    if template != "test" and not is_open(site, way):
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            str(Way(way).label),
            "no test has come back yet",
            next="The administrator proves it on the site's page; until then hand it over in person.",
        )
    now = timezone.now()
    message, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "site": site,
            "patient": patient,
            "user": user,
            "course_id": course_id,
            "way": way,
            "to": to,
            "template": template,
            "register": register,
            "language": language,
            "values": given,
            "safety": safety,
            "queued_at": now,
            "next_try_at": now,
            "by_name": by.name,
        },
    )
    if made:
        payload = {"template": template, "way": way}
        trail.record(
            chain=_chain(message),
            by=by,
            action="message.queue",
            subject=f"message:{message.id}",
            payload=payload,
        )
    return message


def _address(patient: Patient | None, user: User | None, way: str) -> str:
    if patient is not None:
        return patient.email if way == Way.EMAIL else patient.telephone
    return user.email if user is not None and way == Way.EMAIL else ""


def _chain(message: Message) -> str:
    if message.course_id:
        return f"course:{message.course_id}"
    return f"patient:{message.patient_id}" if message.patient_id else f"site:{message.site_id}"


def deliver(message: Message, now: dt.datetime) -> None:
    """Hand one message to its carrier and note what came of it. The carrier is asked outside any transaction."""
    words = write(
        message.template,
        message.register,
        message.language,
        message.values | {"site": message.site.name, "telephone": message.site.telephone},
    )
    by_what = carrier(message.way)
    try:
        if by_what is None:
            raise NotCarried("nothing is set up to carry it", again=False)
        carrier_id = by_what.carry(message.to, words)
    except NotCarried as wrong:
        note_failure(by=SEREIN, message=message, why=wrong.why, again=wrong.again, at=now)
    else:
        note_progress(by=SEREIN, message=message, state="sent", carrier_id=carrier_id, at=now)


@action
def note_progress(
    *, by: Actor, message: Message, state: Carried, at: dt.datetime, carrier_id: str = ""
) -> Message:
    """It was taken, or it arrived."""
    row = Message.objects.select_for_update(of=("self",)).get(id=message.id)
    if row.state == Message.State.QUEUED:
        row.attempts += 1
    row.state, row.carrier_id = state, carrier_id or row.carrier_id
    row.settled_at = at if state == "delivered" else None
    # A link has done its work once it was sent; it is not kept here.
    row.values = {k: v for k, v in row.values.items() if k not in {"link", "code"}}
    row.save(update_fields=["state", "attempts", "carrier_id", "settled_at", "values"])
    trail.record(chain=_chain(row), by=by, action=f"message.{state}", subject=f"message:{row.id}")
    return row


@action
def note_failure(*, by: Actor, message: Message, why: str, again: bool, at: dt.datetime) -> Message:
    """It was not taken: try again, each time after twice the pause, or give up and let somebody call."""
    row = Message.objects.select_for_update(of=("self",)).select_related("site", "patient").get(id=message.id)
    row.attempts += 1
    row.why = why[:200]
    if again and row.attempts < TRIES:
        row.next_try_at = at + FIRST_PAUSE * 2 ** (row.attempts - 1)
        row.save(update_fields=["attempts", "why", "next_try_at"])
        return row
    row.state, row.settled_at = Message.State.FAILED, at
    row.save(update_fields=["attempts", "why", "state", "settled_at"])
    trail.record(chain=_chain(row), by=by, action="message.failed", subject=f"message:{row.id}")
    if row.patient is not None:
        raise_task(
            by=by,
            site=row.site,
            patient=row.patient,
            course_id=row.course_id,
            kind="safety" if row.safety else "call",
            title="Call: a message did not arrive",
            body=f"{row.get_way_display()}: {row.why}",
            role=Role.NURSE if row.safety else Role.FRONT_DESK,
            deadline=at + (CALL_WITHIN_SAFETY if row.safety else CALL_WITHIN),
            key=f"message:{row.id}",
        )
    return row


@action
def test_channel(*, by: Actor, site: Site, way: str, user: User) -> Message | Refusal:
    """Send a code by this way to the administrator who asks; it is open once they type it back."""
    if carrier(way) is None:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            str(Way(way).label),
            "nothing is set up to carry it",
            next="Fill it in in the settings file (`serein-site settings`) and restart Serein.",
        )
    now = timezone.now()
    code = f"{secrets.randbelow(10**6):06d}"
    row, _made = Channel.objects.get_or_create(site=site, way=way)
    row.code, row.tested_at = code, now
    row.save(update_fields=["code", "tested_at"])
    return queue(
        by=by,
        site=site,
        user=user,
        way=way,
        template="test",
        key=f"test:{site.id}:{way}:{now.isoformat()}",
        values={"code": code},
    )


@action
def prove_channel(*, by: Actor, site: Site, way: str, code: str) -> Channel | Refusal:
    """The code has come back: this way is open from now on."""
    row = Channel.objects.select_for_update().filter(site=site, way=way).first()
    now = timezone.now()
    if row is None or not row.code or row.tested_at is None or now - row.tested_at > CODE_LASTS:
        return refuse(Reason.LAPSED, "this code", "", next="Send a new test.")
    if not secrets.compare_digest(row.code, code.strip()):
        return refuse(Reason.MISMATCH, "code", "", next="Type the six digits of the newest test message.")
    row.code, row.proved_at, row.proved_by_name = "", now, by.name
    row.save(update_fields=["code", "proved_at", "proved_by_name"])
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="message.prove",
        subject=f"site:{site.id}",
        payload={"way": way},
    )
    return row
