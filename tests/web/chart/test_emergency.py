"""Breaking the glass: a record of another site, for a reason, for an hour, to be read; and everybody knows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from serein_web.people.models import EmergencyAccess, Patient
from serein_web.tasks.models import Task

pytestmark = pytest.mark.django_db
URL = "/clinic/emergency-access/"


def given(patient: Patient, **changes) -> dict[str, str]:
    return {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date.isoformat(),
        "reason": "unconscious in our waiting room",
    } | changes


def page(patient: Patient) -> str:
    return f"/clinic/patients/{patient.id}/"


def test_a_record_of_another_site_opens_for_a_reason_and_everybody_knows(cast):
    nurse = cast.client("nurse")
    assert nurse.get(page(cast.stranger)).status_code == 404
    assert nurse.post(URL, given(cast.stranger)).status_code == 302
    assert nurse.get(page(cast.stranger)).status_code == 200
    task = Task.objects.get()
    assert (task.site, task.role, task.patient) == (cast.elsewhere, "medical_director", cast.stranger)
    assert "unconscious in our waiting room" in task.body
    mine = cast.client("stranger").get("/portal/who-looked/").content.decode()
    assert "opened the record in an emergency" in mine
    assert cast.actor("nurse").name in mine


def test_it_is_read_and_never_written_and_no_other_patient_opens(cast):
    course = cast.course(patient=cast.stranger)
    nurse = cast.client("nurse")
    nurse.post(URL, given(cast.stranger))
    assert nurse.get(f"/clinic/courses/{course.id}/").status_code == 200
    assert (
        nurse.post(f"/clinic/courses/{course.id}/screening/answers/", {"pregnancy": "no"}).status_code == 404
    )
    assert nurse.get(f"/clinic/patients/{cast.stranger.id}/record/medicine/").status_code == 404
    assert cast.client("second_nurse").get(page(cast.stranger)).status_code == 404


def test_after_an_hour_it_is_closed(cast):
    nurse = cast.client("nurse")
    nurse.post(URL, given(cast.stranger))
    EmergencyAccess.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    assert nurse.get(page(cast.stranger)).status_code == 404


@pytest.mark.parametrize("changes", [{"reason": "x"}, {"given_name": "Eva"}, {"birth_date": "1985-04-13"}])
def test_nothing_opens_without_a_reason_or_for_nobody(cast, changes):
    assert cast.client("nurse").post(URL, given(cast.stranger, **changes)).status_code == 400
    assert not EmergencyAccess.objects.exists()
    assert not Task.objects.exists()


def test_a_patient_of_the_own_site_needs_none_and_the_front_desk_may_not(cast):
    assert cast.client("nurse").post(URL, given(cast.patient)).status_code == 400
    assert cast.client("front_desk").post(URL, given(cast.stranger)).status_code == 403
    assert not EmergencyAccess.objects.exists()
