"""Writing and checking the audit trail. Only `actions` modules write it."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import msgspec
from django.db import transaction
from django.utils import timezone

from serein_web.audit.models import Event, Head, Payload

START = "0" * 64


class Doer(Protocol):
    """Whoever acts: a staff member, a patient, or Serein itself."""

    id: str
    name: str


def record(
    *, chain: str, by: Doer, action: str, subject: str, payload: dict[str, Any] | None = None
) -> Event:
    """Append one event to a chain. Must run inside the action's transaction."""
    assert transaction.get_connection().in_atomic_block, "an audit event belongs to its action's transaction"
    content = msgspec.to_builtins(payload or {}, str_keys=True, enc_hook=str)
    payload_digest = _sha(content)
    Payload.objects.bulk_create([Payload(digest=payload_digest, content=content)], ignore_conflicts=True)
    head = _locked_head(chain)
    event = Event(
        chain=chain,
        seq=head.seq + 1,
        at=timezone.now(),
        by=str(by.id),
        by_name=by.name,
        action=action,
        subject=subject,
        payload_digest=payload_digest,
        previous=head.digest,
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    Head.objects.filter(chain=chain).update(seq=event.seq, digest=event.digest)
    return event


def _locked_head(chain: str) -> Head:
    """The head of a chain, locked until the action ends; a new chain begins here."""
    head = Head.objects.select_for_update().filter(chain=chain).first()
    if head is None:
        Head.objects.bulk_create([Head(chain=chain, digest=START)], ignore_conflicts=True)
        head = Head.objects.select_for_update().get(chain=chain)
    return head


def digest_of(event: Event) -> str:
    """The event's own hash: of everything in it and of the event before."""
    return _sha(
        [
            event.chain,
            event.seq,
            event.at.isoformat(),
            event.by,
            event.by_name,
            event.action,
            event.subject,
            event.payload_digest,
            event.previous,
        ]
    )


def faults(chain: str) -> list[str]:
    """What is wrong with a chain, in sentences; empty if it is whole."""
    found, previous, place = [], START, 0
    for event in Event.objects.filter(chain=chain).order_by("seq"):
        place += 1
        if event.seq != place:
            found.append(f"{chain}: event {place} is missing")
            place = event.seq
        if event.previous != previous:
            found.append(f"{chain}: event {event.seq} does not follow the one before it")
        if digest_of(event) != event.digest:
            found.append(f"{chain}: event {event.seq} was altered")
        previous = event.digest
    found += _head_faults(chain, place, previous)
    return found


def _head_faults(chain: str, seq: int, digest: str) -> list[str]:
    head = Head.objects.filter(chain=chain).first()
    if head and (head.seq, head.digest) != (seq, digest):
        return [f"{chain}: it ends at event {seq}, its head says {head.seq}"]
    return []


def _sha(content: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
