"""Asking for a consultation, and staff answering."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache

from serein_web.audit.verify import faults
from serein_web.courses.models import Course
from serein_web.enquiry.models import ConsultationRequest
from serein_web.people.models import Site
from serein_web.tasks.models import Task

pytestmark = pytest.mark.django_db


def ask(cast, client, **changes):
    given = {
        "id": str(uuid.uuid4()),
        "given_name": "Nora",
        "family_name": "New",
        "telephone": "555 0100",
        "email": "",
        "reach_by": "",
    }
    return client.post(f"/enquiry/{cast.site.id}/", given | changes)


def test_a_request_is_kept_and_becomes_work_for_the_front_desk(cast):
    response = ask(cast, cast.client())
    assert response.status_code == 302
    assert ConsultationRequest.objects.get().name == "Nora New"
    assert Task.objects.get().role == "front_desk"


def test_the_same_page_sent_twice_is_one_request(cast):
    client, id_ = cast.client(), str(uuid.uuid4())
    assert ask(cast, client, id=id_).status_code == ask(cast, client, id=id_).status_code == 302
    assert ConsultationRequest.objects.count() == Task.objects.count() == 1


def test_a_request_that_cannot_be_answered_is_refused_and_nothing_is_kept(cast):
    response = ask(cast, cast.client(), telephone="")
    assert response.status_code == 400
    assert b"missing" in response.content
    assert not ConsultationRequest.objects.exists()
    assert not Task.objects.exists()


@pytest.fixture
def two_an_hour(settings):
    settings.SEREIN_ENQUIRIES_PER_HOUR = 2
    cache.clear()
    yield
    cache.clear()


def test_too_many_requests_from_one_address_wait_and_nothing_typed_is_lost(cast, two_an_hour):
    Site.objects.filter(id=cast.site.id).update(telephone="+1 555 0199")
    client = cast.client()
    assert [ask(cast, client).status_code for _ in range(2)] == [302, 302]
    response = ask(cast, client, given_name="Third")
    assert response.status_code == 429
    shown = response.content.decode()
    assert 'href="tel:+15550199"' in shown
    assert 'href="tel:988"' in shown
    assert 'value="Third"' in shown
    assert ConsultationRequest.objects.count() == 2


def test_another_address_is_not_kept_waiting(cast, two_an_hour):
    for _ in range(3):
        ask(cast, cast.client())
    elsewhere = cast.client()
    elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert ask(cast, elsewhere).status_code == 302


def test_a_mistake_in_the_form_does_not_count(cast, two_an_hour):
    client = cast.client()
    assert [ask(cast, client, given_name="").status_code for _ in range(4)] == [400] * 4
    assert ask(cast, client).status_code == 302


def test_staff_match_a_request_to_a_patient_once(cast):
    ask(cast, cast.client())
    row = ConsultationRequest.objects.get()
    desk = cast.client("front_desk")
    url = f"/clinic/requests/{row.id}/"
    assert desk.post(url, {"do": "match", "patient": str(cast.patient.id)}).status_code == 302
    assert desk.post(url, {"do": "match", "patient": str(cast.patient.id)}).status_code == 400
    row.refresh_from_db()
    assert row.patient == cast.patient
    assert faults(f"patient:{cast.patient.id}") == []


def test_another_sites_patient_cannot_be_matched(cast):
    ask(cast, cast.client())
    row = ConsultationRequest.objects.get()
    response = cast.client("front_desk").post(
        f"/clinic/requests/{row.id}/", {"do": "match", "patient": str(cast.stranger.id)}
    )
    assert response.status_code == 400
    row.refresh_from_db()
    assert row.patient is None


def test_staff_of_another_site_do_not_find_the_request(cast):
    ask(cast, cast.client())
    row = ConsultationRequest.objects.get()
    assert cast.client("other_prescriber").get(f"/clinic/requests/{row.id}/").status_code == 404
    assert b"Nora" not in cast.client("other_prescriber").get("/clinic/requests/").content


def test_a_course_begins_at_screening_and_only_one_is_open(cast, knowledge):
    client = cast.client("nurse")
    given = {"indication": "generalised anxiety disorder", "product": "ketamine", "route": "intravenous"}
    url = f"/clinic/patients/{cast.patient.id}/begin/"
    assert client.post(url, given).status_code == 302
    assert Course.objects.get().state == "screening"
    assert client.post(url, given).status_code == 400
    assert Course.objects.count() == 1
