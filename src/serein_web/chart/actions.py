"""The one writer of the chart: opening a record of another site in an emergency."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.models import EmergencyAccess, Patient, Role
from serein_web.tasks.actions import raise_task

OPEN_FOR = dt.timedelta(hours=1)
READ_WITHIN = dt.timedelta(hours=24)


@action
def open_in_emergency(
    *, by: Actor, given_name: str, family_name: str, birth_date: dt.date, reason: str
) -> EmergencyAccess | Refusal:
    """Open the record of the one patient who is exactly this person, for an hour, to be read.

    Refused without a reason, for somebody who may not read records, and if nobody or more than one is meant: it says
    no more than that. The patient's medical director is told by a task, and the patient sees it in their own trail.
    """
    if not by.may_anywhere("record.read"):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "opening a record", by.name, allowed="nurse or prescriber")
    if len(reason.strip()) < len("unwell"):
        return refuse(Reason.NEEDS_REASON, "opening a record in an emergency")
    rows = Patient.objects.filter(
        given_name__iexact=given_name.strip(),
        family_name__iexact=family_name.strip(),
        birth_date=birth_date,
        merged_into=None,
    )
    found = list(rows.exclude(site_id__in=by.sites("people.read"))[:2])
    if len(found) != 1:
        return refuse(
            Reason.NOT_KNOWN_HERE,
            "a patient of another site",
            f"{given_name} {family_name}",
            allowed="exactly one person of this name and date of birth",
        )
    patient, now = found[0], timezone.now()
    opened = EmergencyAccess.objects.create(
        user_id=UUID(by.id),
        patient=patient,
        site_id=patient.site_id,
        reason=reason.strip(),
        opened_at=now,
        until=now + OPEN_FOR,
        by_name=by.name,
    )
    trail.record(
        chain=f"patient:{patient.id}",
        by=by,
        action="patient.open-in-emergency",
        subject=f"emergency-access:{opened.id}",
        payload={"reason": opened.reason},
    )
    raise_task(
        by=by,
        site=patient.site,
        patient=patient,
        kind="clinical",
        title="A record was opened in an emergency: read why",
        body=f"{by.name}: {opened.reason}",
        role=Role.MEDICAL_DIRECTOR,
        deadline=now + READ_WITHIN,
        key=f"emergency-access:{opened.id}",
    )
    return opened
