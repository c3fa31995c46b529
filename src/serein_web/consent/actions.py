"""The only writers of the consent stage."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.pathway.consent import may_sign, name_agrees
from serein.pathway.journey import BY_NAME
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.consent.models import ConsentDocument, Signature, Withdrawal, digest_of
from serein_web.consent.packaged import packaged_documents
from serein_web.consent.queries import consent_state, last_dose, newest_document
from serein_web.courses.actions import audit, locked, move, publish, revoke
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.people.access import Actor
from serein_web.people.models import Role
from serein_web.sessionlog import queries as sessionlog
from serein_web.tasks.actions import raise_task

SEEN_WITHIN = dt.timedelta(hours=4)  # an office deadline, not a clinical number


@action
def publish_document(
    *,
    by: Actor,
    product: str,
    version: int,
    language: str,
    title: str,
    short: list[str],
    body: list[dict[str, Any]],
) -> ConsentDocument | Refusal:
    """Publish a version. A consent to an older one no longer holds, so the open courses ask again.

    A course stays in the stage where it is: a session under way is not touched, and the next one cannot start
    before the new version is signed.
    """
    newest = newest_document(product, language)
    if newest is not None and version <= newest.version:
        return refuse(Reason.ALREADY_DONE, "publishing this document", f"version {newest.version}")
    row = ConsentDocument.objects.create(
        product=product,
        language=language,
        version=version,
        title=title,
        short=short,
        body=body,
        digest=digest_of(product, language, version, title, short, body),
        published_at=timezone.now(),
        published_by_name=by.name,
    )
    trail.record(
        chain="consent-documents",
        by=by,
        action="consent.publish",
        subject=f"consent-document:{row.id}",
        payload={"product": product, "version": version, "digest": row.digest},
    )
    for course in Course.objects.filter(product=product).exclude(state="ended"):
        held = standing(course, "consent", timezone.now())
        if held is not None and held.body.get("language") == language:
            revoke(by=by, course=course, kind="consent", reason=f"version {version} was published")
    return row


@action
def publish_packaged_documents(*, by: Actor) -> list[ConsentDocument] | Refusal:
    """Publish what comes with Serein and is newer than what is published; already published is left alone."""
    published = []
    for file in packaged_documents():
        newest = newest_document(file.product, file.language)
        if newest is not None and file.version <= newest.version:
            continue
        row = publish_document(
            by=by,
            product=file.product,
            version=file.version,
            language=file.language,
            title=file.title,
            short=list(file.short),
            body=file.body(),
        )
        if isinstance(row, Refusal):
            return row
        published.append(row)
    return published


@action
def sign(
    *, by: Actor, id: UUID, course: Course, document: ConsentDocument, signed_name: str, where: str
) -> Signature | Refusal:
    """Sign the newest version for a course. The same page sent twice, or two browsers, sign once."""
    row = locked(course)
    kept = Signature.objects.filter(id=id, course=row).first()
    if kept is not None:
        return kept
    refused = _whose_page(by, row) or _may_sign(row, document) or name_agrees(signed_name, row.patient.name)
    if refused:
        return refused
    if standing(row, "consent", timezone.now()) is not None and consent_state(row) == "signed":
        return refuse(Reason.ALREADY_DONE, "signing this version", document.title)
    signature = Signature.objects.create(
        id=id,
        site_id=row.site_id,
        course=row,
        patient=row.patient,
        document=document,
        digest=document.digest,
        signed_name=" ".join(signed_name.split()),
        signed_at=timezone.now(),
        where=where,
        by=by.id,
        by_name=by.name,
    )
    _publish_consent(by, row, signature)
    if row.state == "consent":
        moved = move(by=by, course=row, name="consent-signed")
        if isinstance(moved, Refusal):
            return moved
        course.state = moved.state
    return signature


def _whose_page(by: Actor, course: Course) -> Refusal | None:
    """The patient signs in their portal, or on a tablet that a member of staff of their site holds."""
    if by.patient is not None and by.patient.id == course.patient_id:
        return None
    if by.may("consent.write", course.site_id):
        return None
    return refuse(Reason.OTHER_PATIENT, "this consent", by.name)


def _may_sign(course: Course, document: ConsentDocument) -> Refusal | None:
    newest = newest_document(course.product)
    if newest is None or document.product != course.product:
        return refuse(Reason.NOT_KNOWN_HERE, "the consent document", document.title, allowed=course.product)
    last_dose_at, dose_running = last_dose(course)
    return may_sign(
        now=timezone.now(),
        stage=course.state,
        version=document.version,
        newest=newest.version,
        last_dose_at=last_dose_at,
        dose_running=dose_running,
        time_zone=course.site.time_zone,
    )


def _publish_consent(by: Actor, course: Course, signature: Signature) -> None:
    document = signature.document
    publish(
        by=by,
        course=course,
        kind="consent",
        source_id=signature.id,
        body={
            "document": str(document.id),
            "version": document.version,
            "language": document.language,
            "digest": document.digest,
            "signed_name": signature.signed_name,
        },
    )


@action
def withdraw(*, by: Actor, course: Course, reason: str = "") -> Withdrawal | Refusal:
    """Take the consent back, at any moment and for any reason or none. Consent and order hold no longer.

    The course goes back to consent, unless a session is under way: its charting and its ending go on, and no
    further dose can start. Refused is only somebody who is neither this patient nor staff of the site.
    """
    row = locked(course)
    refused = _whose_page(by, row)
    if refused:
        return refused
    signature = Signature.objects.filter(course=row).order_by("-signed_at").first()
    kept = Withdrawal.objects.filter(course=row, signature=signature).first()
    if kept is not None:
        return kept
    withdrawal = Withdrawal.objects.create(
        site_id=row.site_id,
        course=row,
        patient=row.patient,
        signature=signature,
        withdrawn_at=timezone.now(),
        reason=reason.strip()[:500],
        by=by.id,
        by_name=by.name,
    )
    audit(row, by, "consent.withdraw", withdrawal=str(withdrawal.id))
    for kind in ("consent", "order"):
        revoke(by=by, course=row, kind=kind, reason="consent withdrawn")
    _step_back(by, row)
    course.state = row.state
    _tell_prescriber(by, row, withdrawal)
    return withdrawal


def _step_back(by: Actor, course: Course) -> None:
    if course.state not in BY_NAME["consent-withdrawn"].sources or course.state == "consent":
        return
    if sessionlog.running(course) is None:
        moved = move(by=by, course=course, name="consent-withdrawn")
        assert not isinstance(moved, Refusal), moved


def _tell_prescriber(by: Actor, course: Course, withdrawal: Withdrawal) -> None:
    raise_task(
        by=by,
        site=course.site,
        kind="clinical",
        title="Consent withdrawn: speak with the patient",
        body="The order no longer holds. A session under way is stopped if the patient wants it to be.",
        role=Role.PRESCRIBER,
        deadline=timezone.now() + SEEN_WITHIN,
        key=f"consent-withdrawn:{withdrawal.id}",
        patient=course.patient,
        course_id=course.id,
    )
