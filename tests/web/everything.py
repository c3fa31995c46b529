"""Something of everything for one patient, so that every URL can be filled with ids that exist."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from serein_web import knowledge
from serein_web.careteam.actions import keep_relation, sign_letter
from serein_web.consent.actions import publish_packaged_documents, sign
from serein_web.consent.models import ConsentDocument, Signature
from serein_web.courses.models import Course
from serein_web.enquiry.actions import request_consultation
from serein_web.guide.actions import propose
from serein_web.guide.models import OverlayProposal
from serein_web.people.access import SEREIN
from serein_web.people.actions import add_shift
from serein_web.record import actions as record
from serein_web.record.models import Medicine
from serein_web.schedule.actions import book
from serein_web.screening import actions as screening
from serein_web.session.actions import open_session
from serein_web.tasks.actions import raise_task
from tests.web.session_steps import course_with_order


def _signed(cast, course: Course) -> Signature:
    """A signature of the patient's. The stage is set by hand: consent's own tests walk there."""
    publish_packaged_documents(by=cast.actor("prescriber"))
    Course.objects.filter(id=course.id).update(state="consent")
    signature = sign(
        by=cast.actor("patient"),
        id=uuid.uuid4(),
        course=course,
        document=ConsentDocument.objects.get(product=course.product),
        signed_name=cast.patient.name,
        where=Signature.Where.PORTAL,
    )
    Course.objects.filter(id=course.id).update(state="session")
    assert isinstance(signature, Signature), str(signature)
    return signature


def _proposal(cast) -> OverlayProposal:
    """A number of the site's own that waits for the medical director."""
    proposal = propose(
        by=cast.actor("nurse"),
        site=cast.site,
        knowledge=knowledge.current(),
        rule="pressure-severe-before-dose",
        path="when.any.systolic_pressure.at_least",
        value="170 mmHg",
        reason="the emergency team is half an hour away",
    )
    assert isinstance(proposal, OverlayProposal), str(proposal)
    return proposal


def ids_of_everything(cast) -> dict[str, object]:
    """Ids by the names that URLs use for them; all of the cast's patient at the first site."""
    nurse, prescriber = cast.actor("nurse"), cast.actor("prescriber")
    course = course_with_order(cast)
    signature = _signed(cast, course)
    session = open_session(by=nurse, course=course)
    request = request_consultation(
        by=SEREIN,
        id=uuid.uuid4(),
        site=cast.site,
        given_name="Nora",
        family_name="New",
        telephone="555 0100",
        email="",
        reach_by="",
    )
    now = timezone.now()
    appointment = book(by=nurse, patient=cast.patient, kind="session", starts_at=now, minutes=60)
    task = raise_task(
        by=SEREIN,
        site=cast.site,
        kind="safety",
        title="Call the patient",
        role="nurse",
        deadline=now + dt.timedelta(hours=1),
        key="everything",
        patient=cast.patient,
        course_id=course.id,
    )
    document = record.add_document(
        by=nurse,
        patient=cast.patient,
        kind="fhir",
        title="a record",
        digest="0" * 64,
        content=b"{}",
        summary={},
    )
    medicine = record.keep(by=nurse, patient=cast.patient, model=Medicine, display="sertraline 50 mg")
    shift = add_shift(
        by=nurse,
        site=cast.site,
        user=cast.users["nurse"],
        kind="duty",
        starts_at=now,
        ends_at=now + dt.timedelta(hours=8),
    )
    relation = keep_relation(
        by=nurse,
        patient=cast.patient,
        kind="referrer",
        name="Dr Rae Invented",
        share_from=timezone.localdate() - dt.timedelta(days=2),
        agreed_how="said so",
    )
    letter = sign_letter(
        by=prescriber,
        course=course,
        relation=relation,
        kind="start",
        parts=["treatment"],
        words="Invented.",
        today=timezone.localdate(),
        knowledge=knowledge.current(),
    )
    decision = screening.decide(by=prescriber, course=course)
    return {
        "course_id": course.id,
        "patient_id": cast.patient.id,
        "site_id": cast.site.id,
        "request_id": request.id,
        "appointment_id": appointment.id,
        "task_id": task.id,
        "document_id": document.id,
        "entry_id": medicine.id,
        "signature_id": signature.id,
        "session_id": session.id,
        "decision_id": decision.id,
        "override_id": uuid.uuid4(),
        "fact": "pregnancy",
        "key": "spravato-us-label",
        "checklist": "anaphylaxis",
        "kind": "note",
        "token": "nobody-was-given-this",
        "instrument": "ham-a",
        "user_id": cast.users["nurse"].id,
        "shift_id": shift.id,
        "rule_key": "pressure-severe-before-dose",
        "path": "when.any.systolic_pressure.at_least",
        "folder": "routes",
        "entry_key": "intravenous",
        "proposal_id": _proposal(cast).id,
        "relation_id": relation.id,
        "letter_id": letter.id,
        "passkey_id": uuid.uuid4(),
    }
