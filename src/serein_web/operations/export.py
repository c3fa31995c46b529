"""Everything that a site keeps, to leave with: FHIR R4 by type, every table whole, and the documents as they came.

`fhir/<Type>.ndjson` for whoever takes over; `tables/<app>.<model>.ndjson` is every row of every table, so that nothing
is lost that FHIR has no place for; `documents/` are the files themselves. It is not encrypted: hand it over as what it is.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Model

from serein.fhir import write
from serein.knowledge import Knowledge
from serein_web.careteam.models import Letter
from serein_web.consent.models import Signature
from serein_web.people.models import Patient
from serein_web.plan.models import Order
from serein_web.record.models import AdverseEvent, Allergy, Document, Medicine, Problem, Score, Statement
from serein_web.schedule.models import Appointment
from serein_web.sessionlog.models import Reading, Session

LEFT_OUT = frozenset(
    {"sessions.session", "axes.accessattempt", "axes.accesslog", "axes.accessfailurelog"}
    | {"people.passkey", "people.authenticator", "people.recoverycode", "people.pin"}
)
"""What is nobody's record: who is logged in just now, guesses at passwords, and what somebody logs in with."""
SECRET = frozenset({"people.user.password", "correspondence.channel.code", "correspondence.message.values"})
"""Columns that open something: a message that waits may hold a link."""


def export(folder: Path, knowledge: Knowledge, now: dt.datetime) -> dict[str, int]:
    """Write everything into a new folder; how many of each kind. The folder must be empty or not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    counts: Counter[str] = Counter()
    for part in ("fhir", "tables", "documents"):
        (folder / part).mkdir()
    files: dict[str, Any] = {}
    for resource in resources(knowledge):
        kind = resource["resourceType"]
        if kind not in files:
            files[kind] = (folder / "fhir" / f"{kind}.ndjson").open("w", encoding="utf-8")
        files[kind].write(json.dumps(resource, ensure_ascii=False) + "\n")
        counts[f"fhir {kind}"] += 1
    for file in files.values():
        file.close()
    for model in tables():
        name = model._meta.label_lower
        with (folder / "tables" / f"{name}.ndjson").open("w", encoding="utf-8") as file:
            for row in model._default_manager.order_by("pk").iterator(chunk_size=2000):
                file.write(json.dumps(_row(row), ensure_ascii=False) + "\n")
                counts[f"table {name}"] += 1
    for name, content in documents():
        (folder / "documents" / name).write_bytes(content)
        counts["documents"] += 1
    manifest = {"at": now.isoformat(), "knowledge": knowledge.hash, "counts": dict(sorted(counts.items()))}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    return dict(counts)


def tables() -> list[type[Model]]:
    """Every table of the site's own."""
    return [m for m in apps.get_models() if m._meta.label_lower not in LEFT_OUT and m._meta.managed]


def _row(row: Model) -> dict[str, Any]:
    """A row as it stands; keys that open something are left out, bytes are base64."""
    found = {}
    for field in row._meta.concrete_fields:
        if f"{row._meta.label_lower}.{field.name}" in SECRET:
            continue
        value = getattr(row, field.attname)
        if isinstance(value, bytes | memoryview):
            value = base64.b64encode(bytes(value)).decode()
        elif isinstance(value, dt.datetime | dt.date):
            value = value.isoformat()
        found[field.attname] = (
            value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
        )
    return found


def documents() -> Iterator[tuple[str, bytes]]:
    for row in Document.objects.iterator(chunk_size=20):
        yield f"{row.id}.json", bytes(row.content)
    for letter in Letter.objects.iterator(chunk_size=20):
        yield f"{letter.id}.pdf", bytes(letter.pdf)


def resources(knowledge: Knowledge) -> Iterator[write.Json]:
    """Every FHIR resource, patients first."""
    for part in (_patients, _kept, _sessions, _plans, _schedule, _documents):
        yield from part()
    yield from _observed(knowledge)
    yield from _scores(knowledge)


def _patients() -> Iterator[write.Json]:
    for row in Patient.objects.prefetch_related("identifiers").order_by("id"):
        yield write.patient(
            row.id,
            given=row.given_name,
            family=row.family_name,
            birth_date=row.birth_date,
            sex=row.sex,
            identifiers=[(i.system, i.value) for i in row.identifiers.all()],
            telephone=row.telephone,
            email=row.email,
        )


def _kept() -> Iterator[write.Json]:
    """Medicines, allergies and problems that nothing has superseded."""
    for model, made in ((Problem, write.condition), (Allergy, write.allergy), (Medicine, write.medication)):
        make: Callable[..., write.Json] = made
        for row in model.objects.filter(superseded_by=None).iterator(chunk_size=2000):
            more = {"dose": row.dose} if isinstance(row, Medicine) else {}
            yield make(
                row.id,
                row.patient_id,
                text=row.display,
                system=row.system,
                code=row.code,
                status=row.status,
                at=row.at,
                **more,
            )
    for event in AdverseEvent.objects.filter(superseded_by=None).iterator():
        yield write.adverse_event(
            event.id,
            event.patient_id,
            term=event.term,
            grade=event.grade,
            at=event.at,
            action=event.action_taken,
            session=event.session_id,
        )


def _sessions() -> Iterator[write.Json]:
    for row in Session.objects.order_by("started_at").iterator():
        yield write.encounter(
            row.id,
            row.patient_id,
            number=row.number,
            started=row.started_at,
            ended=row.ended_at,
            outcome=row.outcome,
        )
        if row.dosing_started_at and row.given_mg is not None:
            yield write.administration(
                row.id,
                row.patient_id,
                row.id,
                product=row.product,
                route=row.route,
                mg=row.given_mg,
                start=row.dosing_started_at,
                end=row.dosing_ended_at,
            )


def _plans() -> Iterator[write.Json]:
    for row in Order.objects.iterator():
        yield write.order(
            row.id,
            row.patient_id,
            body=row.body,
            signed_by=row.signed_by_name,
            at=row.signed_at,
            active=row.revoked_at is None,
        )
    for signed in Signature.objects.select_related("document", "withdrawal").iterator():
        yield write.consent(
            signed.id,
            signed.patient_id,
            title=signed.document.title,
            digest=signed.digest,
            at=signed.signed_at,
            withdrawn=getattr(signed, "withdrawal", None) is not None,
        )


def _schedule() -> Iterator[write.Json]:
    for row in Appointment.objects.iterator(chunk_size=2000):
        yield write.appointment(
            row.id, row.patient_id, kind=row.kind, status=row.status, start=row.starts_at, end=row.ends_at
        )


def _documents() -> Iterator[write.Json]:
    for row in Document.objects.defer("content").iterator():
        yield write.document(
            row.id,
            row.patient_id,
            title=row.title,
            kind="application/fhir+json",
            url=f"../documents/{row.id}.json",
            at=row.recorded_at,
        )
    for letter in Letter.objects.defer("pdf").iterator():
        yield write.document(
            letter.id,
            letter.patient_id,
            title=letter.get_kind_display(),
            kind="application/pdf",
            url=f"../documents/{letter.id}.pdf",
            at=letter.signed_at,
        )


def _observed(knowledge: Knowledge) -> Iterator[write.Json]:
    """Statements of the record, and the readings of sessions. A fact that this pack has not stands in the tables."""
    for row in Statement.objects.iterator(chunk_size=2000):
        fact = knowledge.facts.get(row.fact)
        if fact is not None:
            yield write.observation(
                row.id, row.patient_id, fact=fact, value=row.value, at=row.at, because=row.because
            )
    for reading in Reading.objects.select_related("session").iterator(chunk_size=2000):
        fact = knowledge.facts.get(reading.fact)
        if fact is not None:
            yield write.observation(
                f"r{reading.id}",
                reading.session.patient_id,
                fact=fact,
                value=reading.value,
                at=reading.at,
                session=reading.session_id,
            )


def _scores(knowledge: Knowledge) -> Iterator[write.Json]:
    for row in Score.objects.iterator():
        instrument = knowledge.instruments.get(row.instrument)
        yield write.score(
            row.id,
            row.patient_id,
            title=instrument.text.title if instrument else row.instrument,
            loinc=instrument.loinc_total if instrument else "",
            total=row.total,
            band=row.band,
            at=row.at,
        )
