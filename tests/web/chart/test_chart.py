"""The whole course, the whole person, and the patient's own first page."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from serein_web.courses.models import Course
from serein_web.followup.actions import request_questionnaires
from serein_web.people.access import SEREIN
from serein_web.record.actions import add_adverse_event, keep_by_staff
from serein_web.record.models import Medicine
from serein_web.screening.actions import decide
from serein_web.tasks.actions import raise_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(cast, knowledge):
    """A course on which things have happened."""
    course = cast.course(state="followup")
    nurse = cast.actor("nurse")
    keep_by_staff(
        by=nurse, patient=cast.patient, model=Medicine, display="Lorazepam 1 mg tablet", knowledge=knowledge
    )
    decide(by=cast.actor("prescriber"), course=course)
    now = timezone.now()
    add_adverse_event(by=nurse, patient=cast.patient, course_id=course.id, term="headache", grade=1, at=now)
    raise_task(
        by=SEREIN,
        site=cast.site,
        kind="safety",
        title="Speak with the patient",
        role="nurse",
        deadline=now,
        key="chart-test",
        patient=cast.patient,
        course_id=course.id,
        blocks_next_dose=True,
    )
    return course


def test_the_story_is_told_in_time_order_and_a_decision_opens_with_its_reasons(cast, course):
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/").content.decode().split("The story")[1]
    places = [
        shown.index(words) for words in ("Course opened", "Decision:", "Unwanted effect: headache", "To do:")
    ]
    assert places == sorted(places)
    assert 'id="finding-benzodiazepine"' in shown
    assert "Lorazepam 1 mg tablet" in shown


@pytest.mark.parametrize(
    "stage", ["screening", "consent", "plan", "session", "recovery", "followup", "outcomes"]
)
def test_the_main_action_is_the_page_of_the_stage(cast, course, stage):
    Course.objects.filter(id=course.id).update(state=stage)
    shown = cast.client("prescriber").get(f"/clinic/courses/{course.id}/").content.decode()
    assert f'class="button main" href="/clinic/courses/{course.id}/{stage}/"' in shown


def test_an_ended_course_says_why_and_offers_no_next_step(cast, course):
    Course.objects.filter(id=course.id).update(
        state="ended", end_reason="moved away", ended_at=timezone.now()
    )
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/").content.decode()
    assert "moved away" in shown
    assert "button main" not in shown


def test_the_chart_asks_the_database_a_bounded_number_of_times(cast, course, django_assert_max_num_queries):
    browser = cast.client("nurse")
    for _ in range(3):
        decide(by=cast.actor("prescriber"), course=course)
    browser.get(f"/clinic/courses/{course.id}/")  # the first look is noted, and that is written
    with django_assert_max_num_queries(20):
        browser.get(f"/clinic/courses/{course.id}/")


def test_the_front_desk_sees_who_it_is_and_the_stage_and_nothing_clinical(cast, course):
    url = f"/clinic/patients/{cast.patient.id}/"
    desk = cast.client("front_desk").get(url).content.decode()
    nurse = cast.client("nurse").get(url).content.decode()
    for words in ("Lorazepam", "Medicines", "Allergies", "generalised anxiety disorder", "Scores"):
        assert words in nurse
        assert words not in desk
    for words in ("Ada Invented", "Ada-1", "Follow-up", "Book an appointment"):
        assert words in desk
    assert cast.client("front_desk").get(f"/clinic/courses/{course.id}/").status_code == 403


def test_staff_of_another_site_find_neither_patient_nor_course(cast, course):
    elsewhere = cast.client("other_prescriber")
    assert elsewhere.get(f"/clinic/patients/{cast.patient.id}/").status_code == 404
    assert elsewhere.get(f"/clinic/courses/{course.id}/").status_code == 404
    assert cast.client("patient").get(f"/clinic/courses/{course.id}/").status_code == 403


def test_a_patient_without_an_open_course_can_begin_one(cast):
    url = f"/clinic/patients/{cast.patient.id}/"
    begin = f"/clinic/patients/{cast.patient.id}/begin/"
    assert begin in cast.client("front_desk").get(url).content.decode()
    cast.course()
    assert begin not in cast.client("front_desk").get(url).content.decode()


def test_the_patients_first_page_says_where_they_are_and_the_next_thing_to_do(cast, course, knowledge):
    own = cast.client("patient")
    before = own.get("/portal/").content.decode()
    assert "between sessions" in before
    assert "Answer the questions waiting" not in before
    request_questionnaires(
        by=cast.actor("nurse"), course=course, id=uuid.uuid4(), instruments=["gad-7"], knowledge=knowledge
    )
    assert "Answer the questions waiting" in own.get("/portal/").content.decode()
    assert "between sessions" not in cast.client("stranger").get("/portal/").content.decode()
    assert "988" in before
