"""The only writers of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge
from serein.pathway.session import NOT_STATED
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.models import Patient
from serein_web.record.matching import facts_named
from serein_web.record.models import (
    AdverseEvent,
    Document,
    Kept,
    Medicine,
    Reconciliation,
    Score,
    Statement,
)
from serein_web.record.queries import medicines


def _entry(patient: Patient, by: Actor, at: dt.datetime) -> dict[str, Any]:
    return {"site_id": patient.site_id, "patient": patient, "by": by.id, "by_name": by.name, "at": at}


def _audit(patient: Patient, by: Actor, name: str, subject: str, **payload: Any) -> None:
    trail.record(chain=f"patient:{patient.id}", by=by, action=name, subject=subject, payload=payload)


@action
def state_facts(
    *,
    by: Actor,
    patient: Patient,
    values: dict[str, Any],
    at: dt.datetime,
    source: str,
    knowledge: Knowledge,
    because: str = "",
) -> list[Statement] | Refusal:
    """Several facts said at once. An unknown fact or an implausible number refuses all of them."""
    rows = []
    for key, value in values.items():
        refused = _refuse_programme(key) or refuse_value(key, value, knowledge)
        if refused:
            return refused
        said = because or f"{key} {_word(value)} ({by.name}, {at:%Y-%m-%d %H:%M} UTC)"
        rows.append(
            Statement(**_entry(patient, by, at), fact=key, value=value, source=source, because=said[:500])
        )
    Statement.objects.bulk_create(rows)
    _audit(patient, by, "record.state", f"patient:{patient.id}", facts=sorted(values), source=source)
    return rows


def _refuse_programme(key: str) -> Refusal | None:
    """What the log or the programme itself settles (the order, the two readers) is stated by nobody."""
    if key not in NOT_STATED:
        return None
    return refuse(Reason.UNKNOWN_KEY, "fact", f"{key} is not stated as an answer")


def refuse_value(key: str, value: Any, knowledge: Knowledge) -> Refusal | None:
    """Why a value cannot be one of this fact, or None. Numbers are in the fact's unit."""
    fact = knowledge.facts.get(key)
    if fact is None:
        return refuse(Reason.UNKNOWN_KEY, "fact", key)
    if value is None:
        return None
    if fact.type == "flag" and not isinstance(value, bool):
        return refuse(Reason.NOT_A_CHOICE, key, value, allowed="yes, no")
    if fact.type == "choice" and value not in fact.choices:
        return refuse(Reason.NOT_A_CHOICE, key, value, allowed=", ".join(fact.choices))
    if fact.type == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return refuse(Reason.NOT_A_NUMBER, key, value)
        if fact.plausible and not fact.plausible[0] <= value <= fact.plausible[1]:
            low, high = (f"{edge:g} {fact.unit}" for edge in fact.plausible)
            return refuse(Reason.OUT_OF_RANGE, key, f"{value:g} {fact.unit}", low=low, high=high)
    return None


def _word(value: Any) -> str:
    return (
        {True: "yes", False: "no", None: "not known"}.get(value, value)
        if isinstance(value, bool | None)
        else str(value)
    )


@action
def attest_group(
    *, by: Actor, patient: Patient, group: str, facts: list[str], at: dt.datetime, knowledge: Knowledge
) -> list[Statement] | Refusal:
    """A clinician attests "none of these" for the facts of a named group that are not yet known."""
    wrong = [k for k in facts if knowledge.facts[k].group != group or knowledge.facts[k].type != "flag"]
    if wrong:
        return refuse(Reason.NOT_A_CHOICE, "attested group", ", ".join(wrong), allowed=group)
    because = f"{group}: none of these, attested by {by.name} on {at:%Y-%m-%d}"
    return state_facts(
        by=by,
        patient=patient,
        values=dict.fromkeys(facts, False),
        at=at,
        source="attestation",
        knowledge=knowledge,
        because=because,
    )


@action
def dispute_fact(
    *,
    by: Actor,
    patient: Patient,
    statement: Statement,
    value: Any,
    reason: str,
    evidence: str,
    knowledge: Knowledge,
) -> Statement | Refusal:
    """A prescriber says that a statement is wrong, why, and on what evidence. The original stays."""
    if not by.is_prescriber(patient.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "disputing a fact", "", allowed="prescriber")
    if not reason.strip() or not evidence.strip():
        return refuse(Reason.NEEDS_REASON, "disputing a fact")
    if Statement.objects.filter(supersedes=statement).exists():
        return refuse(Reason.ALREADY_DONE, "disputing this statement", statement.because)
    refused = refuse_value(statement.fact, value, knowledge)
    if refused:
        return refused
    now = timezone.now()
    row = Statement.objects.create(
        **_entry(patient, by, now),
        fact=statement.fact,
        value=value,
        source="dispute",
        because=f"disputed by {by.name} on {now:%Y-%m-%d}: {reason} ({evidence})"[:500],
        reason=f"{reason}\n\n{evidence}",
        confirmed_by=by.name,
        supersedes=statement,
    )
    _audit(patient, by, "record.dispute", f"statement:{statement.id}", fact=statement.fact)
    return row


@action
def keep(
    *,
    by: Actor,
    patient: Patient,
    model: type[Kept],
    display: str,
    status: str = "active",
    supersedes: Kept | None = None,
    at: dt.datetime | None = None,
    **details: Any,
) -> Kept | Refusal:
    """A medicine, allergy or problem, new or in place of an earlier row."""
    if not display.strip():
        return refuse(Reason.MISSING, "name")
    if supersedes is not None and model.objects.filter(supersedes=supersedes).exists():
        return refuse(Reason.CHANGED_MEANWHILE, "this entry", supersedes.display)
    row = model.objects.create(
        **_entry(patient, by, at or timezone.now()),
        display=display.strip(),
        status=status,
        supersedes=supersedes,
        **details,
    )
    _audit(
        patient,
        by,
        f"record.keep-{model.__name__.lower()}",
        f"{model.__name__.lower()}:{row.id}",
        status=status,
    )
    return row


TAKEN_AS = ("as-written", "differently", "not-today")
CONFIRMED = "medicines_confirmed_today"


@action
def reconcile(
    *, by: Actor, patient: Patient, lines: dict[str, tuple[str, str]], knowledge: Knowledge
) -> Reconciliation | Refusal:
    """The list of medicines, gone through with the patient: of each active one how it is taken, and a note.

    `lines` is (answer, note) by the medicine's id. Refused if one is missing (somebody added it meanwhile), if an
    answer is none of `TAKEN_AS`, or if one that is taken differently is not said how. What each medicine states is
    stated anew, so that it does not lapse; what is not on the list stays as unknown as it was.
    """
    now = timezone.now()
    active = [m for m in medicines(patient) if m.status == "active"]
    kept, values = [], {CONFIRMED: True}
    for row in active:
        answer, note = lines.get(str(row.id), ("", ""))
        if answer not in TAKEN_AS:
            return refuse(Reason.MISSING, row.display)
        if answer == "differently" and not note.strip():
            return refuse(Reason.NEEDS_REASON, f"{row.display}, taken differently,")
        kept.append(
            {"medicine": str(row.id), "display": row.display, "answer": answer, "note": note.strip()[:300]}
        )
        values |= facts_named(Medicine, row.display, knowledge)
    done = Reconciliation.objects.create(**_entry(patient, by, now), lines=kept)
    other = sum(line["answer"] != "as-written" for line in kept)
    said = (
        f"{len(kept)} medicines gone through by {by.name} on {now:%Y-%m-%d %H:%M} UTC, {other} not as written"
    )
    stated = state_facts(
        by=by, patient=patient, values=values, at=now, source="staff", knowledge=knowledge, because=said
    )
    if isinstance(stated, Refusal):
        return stated
    _audit(patient, by, "record.reconcile", f"reconciliation:{done.id}", medicines=len(kept), other=other)
    return done


@action
def add_document(
    *,
    by: Actor,
    patient: Patient,
    kind: str,
    title: str,
    digest: str,
    content: bytes,
    summary: dict[str, Any],
) -> Document | Refusal:
    """Keep something that came in whole. The same one twice is refused: nothing is added a second time."""
    if Document.objects.filter(patient=patient, digest=digest).exists():
        return refuse(Reason.DUPLICATE, "this file", title)
    row = Document.objects.create(
        **_entry(patient, by, timezone.now()),
        kind=kind,
        title=title,
        digest=digest,
        content=content,
        summary=summary,
    )
    _audit(patient, by, "record.document", f"document:{row.id}", kind=kind, digest=digest)
    return row


@action
def add_adverse_event(
    *,
    by: Actor,
    patient: Patient,
    course_id: UUID | None,
    term: str,
    grade: int,
    at: dt.datetime,
    ended_at: dt.datetime | None = None,
    action_taken: str = "",
    session_id: UUID | None = None,
    supersedes: AdverseEvent | None = None,
) -> AdverseEvent | Refusal:
    if not term.strip():
        return refuse(Reason.MISSING, "what happened")
    if not 1 <= grade <= 5:
        return refuse(Reason.OUT_OF_RANGE, "grade", grade, low=1, high=5)
    if ended_at is not None and ended_at < at:
        return refuse(Reason.OUT_OF_ORDER, "end", ended_at, earliest=at)
    row = AdverseEvent.objects.create(
        **_entry(patient, by, at),
        course_id=course_id,
        session_id=session_id,
        term=term.strip(),
        grade=grade,
        ended_at=ended_at,
        action_taken=action_taken,
        supersedes=supersedes,
    )
    _audit(patient, by, "record.adverse-event", f"adverse-event:{row.id}", grade=grade)
    return row


@action
def add_score(
    *,
    by: Actor,
    patient: Patient,
    course_id: UUID,
    instrument: str,
    answers: list[int | None],
    total: float | None,
    band: str | None,
    prorated: bool,
    safety: str,
    at: dt.datetime,
    knowledge: Knowledge,
    request_id: UUID | None = None,
    parts: Mapping[str, int] | None = None,
    taken_by: str = "",
) -> Score | Refusal:
    """A scored questionnaire. One request is answered once."""
    if request_id is not None and Score.objects.filter(request_id=request_id).exists():
        return refuse(Reason.ALREADY_DONE, "this questionnaire", instrument)
    row = Score.objects.create(
        **_entry(patient, by, at),
        course_id=course_id,
        instrument=instrument,
        answers=answers,
        total=total,
        band=band or "",
        prorated=prorated,
        safety=safety,
        knowledge=knowledge.hash,
        request_id=request_id,
        parts=dict(parts or {}),
        taken_by=taken_by,
    )
    _audit(patient, by, "record.score", f"score:{row.id}", instrument=instrument, safety=safety)
    return row


@action
def keep_by_staff(
    *,
    by: Actor,
    patient: Patient,
    model: type[Kept],
    display: str,
    knowledge: Knowledge,
    **details: Any,
) -> Kept | Refusal:
    """An entry that staff add, with the facts that its words state. One that already stands is not added again."""
    same = model.objects.filter(
        patient=patient, superseded_by=None, status="active", display__iexact=display.strip()
    )
    if same.exists():
        return refuse(Reason.DUPLICATE, "this entry", display)
    row = keep(by=by, patient=patient, model=model, display=display, **details)
    if isinstance(row, Refusal):
        return row
    values = facts_named(model, row.display, knowledge)
    stated = _state_of(row, by, values, knowledge, "kept") if values else None
    return stated if isinstance(stated, Refusal) else row


@action
def stop(
    *,
    by: Actor,
    row: Kept,
    ended_on: dt.date,
    note: str,
    values: dict[str, Any],
    knowledge: Knowledge,
) -> Kept | Refusal:
    """An entry ends. `values`: what staff answered about the facts it stated; what they left open stays as it was."""
    if row.status != "active":
        return refuse(Reason.ALREADY_DONE, "ending this entry", row.display)
    if row.started_on is not None and ended_on < row.started_on:
        return refuse(Reason.OUT_OF_ORDER, "until", ended_on, earliest=row.started_on)
    if ended_on > timezone.localdate():
        return refuse(Reason.IN_THE_FUTURE, "until", ended_on)
    copied = {name: getattr(row, name) for name in ("system", "code", "started_on")}
    if isinstance(row, Medicine):
        copied["dose"] = row.dose
    ended = keep(
        by=by,
        patient=row.patient,
        model=type(row),
        display=row.display,
        status="stopped",
        supersedes=row,
        ended_on=ended_on,
        note=note,
        **copied,
    )
    if isinstance(ended, Refusal):
        return ended
    stated = _state_of(ended, by, values, knowledge, "ended") if values else None
    return stated if isinstance(stated, Refusal) else ended


def _state_of(
    row: Kept, by: Actor, values: dict[str, Any], knowledge: Knowledge, done: str
) -> list[Statement] | Refusal:
    now = timezone.now()
    because = f"{row.display}, {done} by {by.name} on {now:%Y-%m-%d}"
    return state_facts(
        by=by,
        patient=row.patient,
        values=values,
        at=now,
        source="staff",
        knowledge=knowledge,
        because=because,
    )
