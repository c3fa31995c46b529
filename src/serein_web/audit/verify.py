"""Whether the audit trail is whole: every event unaltered, in its place, and none missing.

Three things hold each other: an event names the digest of the one before it in its chain, a head says where its chain
ends, and the chain of seals says where every chain stood after each batch. Who alters, deletes or moves rows has to
make all of them agree; and the end of the seals is kept outside, in the manifest of every backup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from serein_web.audit.models import Event, Head, Payload, Seal
from serein_web.audit.trail import SEALS, START, digest_of, digest_of_payload, digest_of_seal

BATCH = 2000


@dataclass(frozen=True)
class End:
    """Where a chain ends."""

    seq: int
    digest: str


def faults(chain: str | None = None) -> list[str]:
    """What is wrong, in sentences; empty if all is whole. With a chain: of that one alone."""
    ends: dict[str, End] = {}
    found = [*_events(chain, ends), *_heads(chain, ends)]
    if chain is None:
        found += [*_seals(ends), *_payloads()]
    return found


def end_of_seals() -> tuple[int, str]:
    """Number and digest of the last seal: what a backup's manifest or a sheet of paper keeps."""
    last = Seal.objects.order_by("-seq").first()
    return (last.seq, last.digest) if last else (0, START)


def faults_since(seq: int, digest: str) -> list[str]:
    """Whether a seal that was noted outside is still here as it was."""
    if seq == 0:
        return []
    kept = Seal.objects.filter(seq=seq).first()
    if kept is None:
        return [f"seal {seq}, noted outside, is missing: the end of the trail was cut off"]
    return [] if kept.digest == digest else [f"seal {seq} is not the one that was noted outside"]


def _events(chain: str | None, ends: dict[str, End]) -> Iterator[str]:
    """Each chain in its order. Fills `ends`."""
    rows = Event.objects.order_by("chain", "seq", "id")
    rows = rows.filter(chain=chain) if chain is not None else rows
    for event in rows.iterator(chunk_size=BATCH):
        before = ends.get(event.chain, End(0, START))
        if event.seq != before.seq + 1:
            missing = (
                f"event {before.seq + 1}"
                if event.seq == before.seq + 2
                else f"events {before.seq + 1} to {event.seq - 1}"
            )
            yield f"{event.chain}: {missing} missing"
        if event.previous != before.digest:
            yield f"{event.chain}: event {event.seq} ({event.action}) does not follow the one before it"
        if digest_of(event) != event.digest:
            yield f"{event.chain}: event {event.seq} ({event.action}, {event.at:%Y-%m-%d %H:%M} UTC) was altered"
        ends[event.chain] = End(event.seq, event.digest)


def _heads(chain: str | None, ends: dict[str, End]) -> Iterator[str]:
    rows = Head.objects.exclude(chain=SEALS)
    rows = rows.filter(chain=chain) if chain is not None else rows
    heads = {h.chain: End(h.seq, h.digest) for h in rows}
    for name, head in sorted(heads.items()):
        end = ends.get(name, End(0, START))
        if end.seq < head.seq:
            yield f"{name}: events {end.seq + 1} to {head.seq} at its end are missing"
        elif end != head:
            yield f"{name}: its head says event {head.seq}, it ends at event {end.seq}"
    for name in sorted(ends.keys() - heads.keys()):
        yield f"{name}: its head is missing"


def _seals(ends: dict[str, End]) -> Iterator[str]:
    """The chain of seals, and that every chain ends where its last seal says."""
    before, sealed = End(0, START), {}
    for seal in Seal.objects.order_by("seq").iterator(chunk_size=BATCH):
        if seal.seq != before.seq + 1:
            yield f"seals: {before.seq + 1} to {seal.seq - 1} missing"
        if seal.previous != before.digest:
            yield f"seals: seal {seal.seq} does not follow the one before it"
        if digest_of_seal(seal) != seal.digest:
            yield f"seals: seal {seal.seq} was altered"
        before = End(seal.seq, seal.digest)
        sealed |= {chain: End(seq, digest) for chain, seq, digest in seal.heads}
    head = Head.objects.filter(chain=SEALS).first()
    if (head.seq, head.digest) != (before.seq, before.digest) if head else before.seq:
        yield f"seals: they end at {before.seq}, their head says {head.seq if head else 'nothing'}"
    for name, end in sorted(sealed.items()):
        if ends.get(name) != end:
            yield f"{name}: sealed at event {end.seq}, it ends at event {ends[name].seq if name in ends else 0}"
    for name in sorted(ends.keys() - sealed.keys()):
        yield f"{name}: never sealed"


def _payloads() -> Iterator[str]:
    """A payload that is there must be the one its digest names. One that was lawfully emptied has no content."""
    for row in Payload.objects.filter(content__isnull=False).iterator(chunk_size=BATCH):
        if digest_of_payload(row.content) != row.digest:
            yield f"payload {row.digest[:12]} was altered"
    known = Payload.objects.values("digest")
    for event in Event.objects.exclude(payload_digest__in=known).order_by("chain", "seq")[:BATCH]:
        yield f"{event.chain}: the payload of event {event.seq} ({event.action}) is missing"
