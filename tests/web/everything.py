"""Something of everything for one patient, so that every URL can be filled with ids that exist."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from serein_web.enquiry.actions import request_consultation
from serein_web.people.access import SEREIN
from serein_web.record import actions as record
from serein_web.record.models import Medicine
from serein_web.schedule.actions import book
from serein_web.screening import actions as screening
from serein_web.tasks.actions import raise_task


def ids_of_everything(cast) -> dict[str, object]:
    """Ids by the names that URLs use for them; all of the cast's patient at the first site."""
    course = cast.course()
    nurse, prescriber = cast.actor("nurse"), cast.actor("prescriber")
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
        "decision_id": decision.id,
        "override_id": uuid.uuid4(),
        "fact": "pregnancy",
        "key": "spravato-us-label",
        "kind": "note",
        "token": "nobody-was-given-this",
    }
