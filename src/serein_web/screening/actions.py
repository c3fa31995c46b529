"""The only writers of the screening stage."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.fhir import Identity, Imported, Name, read_bundle
from serein.pathway import screening as core
from serein.safety.decision import canonical
from serein_web import knowledge
from serein_web.audit.action import action
from serein_web.courses.actions import audit, move, publish, revoke
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.guide.knowledge import of_site
from serein_web.people.access import Actor
from serein_web.people.models import Patient
from serein_web.record import actions as record
from serein_web.record.models import Allergy, Document, Medicine, Problem, Statement
from serein_web.screening.models import (
    Acceptance,
    ConsultationNote,
    DecisionRecord,
    NoteAddendum,
    OverrideRecord,
)
from serein_web.screening.queries import decision_now


def _row(course: Course, by: Actor) -> dict[str, Any]:
    return {
        "course": course,
        "site_id": course.site_id,
        "at": timezone.now(),
        "by": by.id,
        "by_name": by.name,
    }


def _prescriber_only(by: Actor, course: Course, what: str) -> Refusal | None:
    if by.is_prescriber(course.site_id):
        return None
    return refuse(Reason.NOT_ALLOWED_FOR_ROLE, what, "", allowed="prescriber")


@action
def save_note(*, by: Actor, course: Course, version: int, **texts: str) -> ConsultationNote | Refusal:
    """Write on in the open note, or begin one. `version` is the one that was read: two authors do not overwrite."""
    note = (
        ConsultationNote.objects.select_for_update(of=("self",)).filter(course=course, signed_at=None).first()
    )
    if note is None:
        note = ConsultationNote.objects.create(**_row(course, by), **texts)
    else:
        if note.by != by.id:
            return refuse(
                Reason.NOT_ALLOWED_NOW,
                "this note",
                note.by_name,
                next="Only its author writes on before it is signed.",
            )
        if note.version != version:
            return refuse(Reason.CHANGED_MEANWHILE, "this note", note.by_name)
        for name, text in texts.items():
            setattr(note, name, text)
        note.version += 1
        note.save()
    audit(course, by, "screening.note", note=str(note.id), version=note.version)
    return note


@action
def sign_note(*, by: Actor, course: Course) -> ConsultationNote | Refusal:
    """Sign the open note; from now on it only grows by addenda."""
    note = (
        ConsultationNote.objects.select_for_update(of=("self",)).filter(course=course, signed_at=None).first()
    )
    if note is None:
        return refuse(Reason.ALREADY_DONE, "signing the note", course.patient.name)
    if note.by != by.id:
        return refuse(Reason.NOT_ALLOWED_NOW, "signing this note", note.by_name, next="Its author signs it.")
    if not note.history.strip():
        return refuse(Reason.MISSING, "history")
    note.signed_at = timezone.now()
    note.save(update_fields=["signed_at"])
    audit(course, by, "screening.sign-note", note=str(note.id))
    return note


@action
def add_addendum(*, by: Actor, course: Course, note: ConsultationNote, text: str) -> NoteAddendum | Refusal:
    if note.signed_at is None:
        return refuse(
            Reason.NOT_ALLOWED_NOW, "an addendum", "the note is not signed", next="Write in the note itself."
        )
    row = NoteAddendum.objects.create(**_row(course, by), note=note, text=text)
    audit(course, by, "screening.addendum", note=str(note.id))
    return row


@action
def import_bundle(*, by: Actor, course: Course, title: str, data: bytes) -> Document | Refusal:
    """A FHIR R4 record into the patient's record: all of it or nothing."""
    patient = course.patient
    read = read_bundle(data, knowledge.current(), at=timezone.now(), expected=identity_of(patient))
    if isinstance(read, Refusal):
        return read
    summary = {"understood": read.understood, "not_understood": list(read.not_understood)}
    document = record.add_document(
        by=by, patient=patient, kind="fhir", title=title, digest=read.sha256, content=data, summary=summary
    )
    if isinstance(document, Refusal):
        return document
    _keep_imported(patient, by, document, read)
    audit(course, by, "screening.import", document=str(document.id), understood=read.understood)
    return document


def identity_of(patient: Patient) -> Identity:
    """The patient as the core compares identities."""
    return Identity(
        names=(Name(family=patient.family_name, given=tuple(patient.given_name.split())),),
        birth_date=patient.birth_date,
        identifiers=tuple(patient.identifiers.values_list("system", "value")),
    )


def _keep_imported(patient: Patient, by: Actor, document: Document, read: Imported) -> None:
    common = {
        "site_id": patient.site_id,
        "patient": patient,
        "by": by.id,
        "by_name": by.name,
        "document": document,
    }
    Statement.objects.bulk_create(
        Statement(**common, fact=s.fact, value=s.value, at=s.at, source=s.source, because=s.because[:500])
        for s in read.statements
    )
    for model, entries in ((Medicine, read.medicines), (Allergy, read.allergies), (Problem, read.problems)):
        model.objects.bulk_create(
            model(
                **common,
                at=entry.start or read.last_entry or document.at,
                display=entry.display[:300],
                system=entry.system[:60],
                code=entry.code[:40],
                status=entry.status[:20],
                started_on=_day(entry.start),
                ended_on=_day(entry.end),
            )
            for entry in entries
        )


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.date() if moment else None


@action
def answer_facts(*, by: Actor, course: Course, values: dict[str, Any]) -> list[Statement] | Refusal:
    """What staff found out, as they answered the form."""
    if not values:
        return refuse(Reason.MISSING, "an answer")
    return record.state_facts(
        by=by,
        patient=course.patient,
        values=values,
        at=timezone.now(),
        source="staff",
        knowledge=knowledge.current(),
    )


@action
def attest(*, by: Actor, course: Course, group: str) -> list[Statement] | Refusal:
    """A clinician attests "none of these" for what is still open in a group."""
    now = timezone.now()
    asks = core.to_ask(decision_now(course, now), of_site(course.site_id))
    facts = core.attestable(asks, group)
    if not facts:
        return refuse(Reason.ALREADY_DONE, "attesting this group", group)
    return record.attest_group(
        by=by, patient=course.patient, group=group, facts=list(facts), at=now, knowledge=knowledge.current()
    )


@action
def decide(*, by: Actor, course: Course) -> DecisionRecord:
    """Keep the decision as it stands now."""
    decision = decision_now(course, timezone.now())
    row = DecisionRecord.objects.create(
        **_row(course, by),
        conclusion=decision.conclusion,
        knowledge=decision.knowledge,
        canonical=canonical(decision).decode(),
    )
    audit(course, by, "screening.decide", decision=str(row.id), conclusion=row.conclusion)
    return row


@action
def override(*, by: Actor, course: Course, rule: str, reason: str) -> OverrideRecord | Refusal:
    """A prescriber goes on in spite of a relative finding. An absolute one is overridden for nobody."""
    decision = decision_now(course, timezone.now())
    refused = core.may_override(decision, rule) or _prescriber_only(by, course, "overriding a finding")
    if refused:
        return refused
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "overriding a finding")
    finding = next(f for f in decision.findings if f.rule == rule)
    row = OverrideRecord.objects.create(
        **_row(course, by),
        rule=rule,
        digest=finding.digest,
        state=finding.state,
        grounds=finding.grounds,
        reason=reason.strip(),
    )
    audit(course, by, "screening.override", rule=rule, state=finding.state)
    decide(by=by, course=course)
    return row


@action
def withdraw_override(*, by: Actor, course: Course, row: OverrideRecord) -> OverrideRecord | Refusal:
    refused = _prescriber_only(by, course, "withdrawing an override")
    if refused:
        return refused
    changed = OverrideRecord.objects.filter(id=row.id, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by_name=by.name
    )
    if not changed:
        return refuse(Reason.ALREADY_DONE, "withdrawing this override", row.rule)
    audit(course, by, "screening.withdraw-override", rule=row.rule)
    # An acceptance that rested on it falls with it: the gate holds until a prescriber accepts again.
    if decide(by=by, course=course).conclusion != "eligible":
        revoke(by=by, course=course, kind="decision", reason=f"the override of {row.rule} was withdrawn")
    return row


@action
def screen_again(*, by: Actor, course: Course, reason: str) -> Course | Refusal:
    """Back to screening, for whatever has come up. The acceptance ends; what was signed stays, and stands again
    only with a new acceptance."""
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "screening again")
    moved = move(by=by, course=course, name="screen-again", reason=reason)
    if not isinstance(moved, Refusal):
        revoke(by=by, course=course, kind="decision", reason=reason)
    return moved


@action
def dispute(
    *, by: Actor, course: Course, statement: Statement, value: Any, reason: str, evidence: str
) -> Statement | Refusal:
    """A prescriber says that a fact in the record is wrong, and on what evidence."""
    row = record.dispute_fact(
        by=by,
        patient=course.patient,
        statement=statement,
        value=value,
        reason=reason,
        evidence=evidence,
        knowledge=knowledge.current(),
    )
    if not isinstance(row, Refusal):
        audit(course, by, "screening.dispute", fact=statement.fact)
    return row


@action
def accept(*, by: Actor, course: Course) -> Course | Refusal:
    """A prescriber accepts the course: the decision stands for the other stages, and consent is next."""
    refused = _prescriber_only(by, course, "accepting a course")
    if refused:
        return refused
    row = decide(by=by, course=course)
    refused = core.may_accept(decision_now(course, row.at))
    if refused:
        return refused
    acceptance = Acceptance.objects.create(**_row(course, by), decision=row)
    body = {"conclusion": row.conclusion, "decision_id": str(row.id), "knowledge": row.knowledge}
    publish(by=by, course=course, kind="decision", body=body, source_id=acceptance.id)
    moved = move(by=by, course=course, name="accept")
    if isinstance(moved, Refusal):
        return moved
    return _past_what_stands(by, moved)


def _past_what_stands(by: Actor, course: Course) -> Course:
    """A course that was screened again goes on to the first stage whose word does not stand yet."""
    for kind, name in (("consent", "consent-signed"), ("order", "order-signed")):
        if standing(course, kind, timezone.now()) is None:
            break
        move(by=by, course=course, name=name)
    return course


@action
def decline(*, by: Actor, course: Course, reason: str) -> Course | Refusal:
    """A prescriber ends the course before treatment, saying why."""
    refused = _prescriber_only(by, course, "ending a course")
    if refused:
        return refused
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "ending a course")
    return move(by=by, course=course, name="end", reason=reason)
