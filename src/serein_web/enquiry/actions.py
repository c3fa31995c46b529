"""The only writers of the enquiry stage."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.courses.actions import move, open_course
from serein_web.courses.models import Course
from serein_web.enquiry.models import ConsultationRequest
from serein_web.people.access import Actor
from serein_web.people.models import Patient, Role, Site
from serein_web.tasks.actions import raise_task

ANSWER_WITHIN = dt.timedelta(days=2)  # an office deadline, not a clinical number


@action
def request_consultation(
    *,
    by: Actor,
    id: UUID,
    site: Site,
    given_name: str,
    family_name: str,
    telephone: str,
    email: str,
    reach_by: str,
) -> ConsultationRequest | Refusal:
    """Keep a request and give it to the front desk. The same page sent twice is one request."""
    if not telephone and not email:
        return refuse(Reason.MISSING, "telephone or e-mail")
    row, made = ConsultationRequest.objects.get_or_create(
        id=id,
        defaults={
            "site": site,
            "given_name": given_name,
            "family_name": family_name,
            "telephone": telephone,
            "email": email,
            "reach_by": reach_by,
        },
    )
    if not made:
        return row
    trail.record(chain=f"site:{site.id}", by=by, action="enquiry.request", subject=f"request:{row.id}")
    raise_task(
        by=by,
        site=site,
        kind="office",
        title="Answer a request for a consultation",
        role=Role.FRONT_DESK,
        deadline=timezone.now() + ANSWER_WITHIN,
        key=f"enquiry:{row.id}",
    )
    return row


@action
def match_patient(
    *, by: Actor, request: ConsultationRequest, patient: Patient
) -> ConsultationRequest | Refusal:
    """Staff have verified who asked: the request belongs to this patient."""
    row = ConsultationRequest.objects.select_for_update(of=("self",)).get(id=request.id)
    if row.patient_id or row.closed_at:
        return refuse(Reason.ALREADY_DONE, "answering this request", row.name)
    if patient.site_id != row.site_id:
        return refuse(Reason.OTHER_PATIENT, "this request", patient.name)
    row.patient, row.closed_at, row.closed_by_name = patient, timezone.now(), by.name
    row.save(update_fields=["patient", "closed_at", "closed_by_name"])
    trail.record(chain=f"patient:{patient.id}", by=by, action="enquiry.match", subject=f"request:{row.id}")
    return row


@action
def close_request(*, by: Actor, request: ConsultationRequest, reason: str) -> ConsultationRequest | Refusal:
    """Close a request without a patient, saying why."""
    row = ConsultationRequest.objects.select_for_update(of=("self",)).get(id=request.id)
    if row.closed_at:
        return refuse(Reason.ALREADY_DONE, "answering this request", row.name)
    row.closed_at, row.closed_by_name, row.close_reason = timezone.now(), by.name, reason
    row.save(update_fields=["closed_at", "closed_by_name", "close_reason"])
    trail.record(chain=f"site:{row.site_id}", by=by, action="enquiry.close", subject=f"request:{row.id}")
    return row


@action
def begin_course(
    *, by: Actor, patient: Patient, indication: str, product: str, route: str
) -> Course | Refusal:
    """Open a course for a verified patient and begin its screening."""
    course = open_course(by=by, patient=patient, indication=indication, product=product, route=route)
    return course if isinstance(course, Refusal) else move(by=by, course=course, name="begin-screening")
