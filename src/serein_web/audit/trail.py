"""Writing and checking the audit trail. Only `actions` modules write it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import msgspec
from django.utils import timezone

from serein_web.audit.models import Event, Head, Payload, Seal

START = "0" * 64


class Doer(Protocol):
    """Whoever acts: a staff member, a patient, or Serein itself."""

    id: str
    name: str


_waiting: ContextVar[list[Event] | None] = ContextVar("audit_waiting", default=None)
"""The events of the action that runs, not yet in their chains."""


def record(*, chain: str, by: Doer, action: str, subject: str, payload: dict[str, Any] | None = None) -> None:
    """One event of the action that runs. It joins its chain when the outermost action ends, in its transaction."""
    waiting = _waiting.get()
    assert waiting is not None, "an audit event belongs to an action"
    content = msgspec.to_builtins(payload or {}, str_keys=True, enc_hook=str)
    payload_digest = digest_of_payload(content)
    Payload.objects.bulk_create([Payload(digest=payload_digest, content=content)], ignore_conflicts=True)
    event = Event(
        chain=chain,
        at=timezone.now(),
        by=str(by.id),
        by_name=by.name,
        action=action,
        subject=subject,
        payload_digest=payload_digest,
    )
    waiting.append(event)


@contextmanager
def batch() -> Iterator[Callable[[], None]]:
    """The events of one action. A call of what it yields forgets them: the action was undone.

    Chains are sealed by the outermost action alone and in the order of their names. Two actions that write the same
    chains then wait for one another and never each for the other.
    """
    waiting = _waiting.get()
    if waiting is not None:
        mine = len(waiting)
        try:
            yield lambda: waiting.__delitem__(slice(mine, None))
        except BaseException:
            del waiting[mine:]
            raise
        return
    fresh: list[Event] = []
    token = _waiting.set(fresh)
    try:
        yield fresh.clear
        _seal(fresh)
    finally:
        _waiting.reset(token)


SEALS = "seals"
"""The head of the chain of seals, beside those of the chains themselves; no event is ever in it."""


def _seal(events: list[Event]) -> None:
    if not events:
        return
    by_chain: dict[str, list[Event]] = {}
    for event in events:
        by_chain.setdefault(event.chain, []).append(event)
    heads = [_append(chain, by_chain[chain]) for chain in sorted(by_chain)]
    last = _locked_head(SEALS)
    seal = Seal(seq=last.seq + 1, at=timezone.now(), heads=heads, previous=last.digest)
    seal.digest = digest_of_seal(seal)
    seal.save(force_insert=True)
    Head.objects.filter(chain=SEALS).update(seq=seal.seq, digest=seal.digest)


def _append(chain: str, events: list[Event]) -> list[Any]:
    """Put events at the end of a chain; where it stands then, as the seal keeps it."""
    head = _locked_head(chain)
    seq, previous = head.seq, head.digest
    for event in events:
        event.seq, event.previous = seq + 1, previous
        event.digest = digest_of(event)
        seq, previous = event.seq, event.digest
    Event.objects.bulk_create(events)
    Head.objects.filter(chain=chain).update(seq=seq, digest=previous)
    return [chain, seq, previous]


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


def digest_of_payload(content: Any) -> str:
    return _sha(content)


def digest_of_seal(seal: Seal) -> str:
    return _sha([seal.seq, seal.at.isoformat(), seal.heads, seal.previous])


def _sha(content: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
