"""Outcomes over time, the review, and what the patient sees of it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from serein_web.outcomes.models import Review
from serein_web.record.actions import add_score
from serein_web.sessionlog.models import Session

pytestmark = pytest.mark.django_db


def scored(cast, course, knowledge, total, days_ago, instrument="gad-7"):
    add_score(
        by=cast.actor("nurse"),
        patient=course.patient,
        course_id=course.id,
        instrument=instrument,
        answers=[0] * 7,
        total=total,
        band=None,
        prorated=False,
        safety="none",
        at=timezone.now() - dt.timedelta(days=days_ago),
        knowledge=knowledge,
    )


@pytest.fixture
def course(cast, knowledge):
    course = cast.course(state="outcomes")
    scored(cast, course, knowledge, 17, 20)
    scored(cast, course, knowledge, 8, 1)
    at = timezone.now() - dt.timedelta(days=15)
    Session.objects.create(
        site=cast.site,
        patient=cast.patient,
        course=course,
        number=1,
        product="ketamine",
        route="intravenous",
        status="ended",
        started_at=at,
        ended_at=at,
        dosing_started_at=at,
        dosing_ended_at=at,
        given_mg=35.0,
    )
    return course


def test_staff_see_the_change_from_before_the_first_dose_with_definitions_bands_and_doses(cast, course):
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/outcomes/").content.decode()
    assert "-9 points (-53%)" in shown
    assert "Response" in shown
    assert "at least 50% of the baseline" in shown
    assert "35\N{NO-BREAK SPACE}mg" in shown
    assert "Severe anxiety" in shown


def test_what_is_not_computable_is_said_and_not_guessed(cast, course, knowledge):
    scored(cast, course, knowledge, None, 0)
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/outcomes/").content.decode()
    assert "not computable" in shown
    assert "The later score has no total." in shown
    assert "-9 points" not in shown


def test_the_patient_sees_a_direction_and_a_sentence_and_never_a_number(cast, course):
    shown = (
        cast.client("patient").get("/portal/outcomes/").content.decode().split("<main")[1].split("</main")[0]
    )
    assert "less than when you began" in shown
    assert "17" not in re.sub(r"<svg.*?</svg>", "", shown, flags=re.DOTALL)  # an icon's path has numbers
    assert "GAD" not in shown
    assert "less than when you began" not in cast.client("stranger").get("/portal/outcomes/").content.decode()


def review(cast, course, who="prescriber", **changes):
    given = {"choice": "follow-on", "reason": "better, sees us again in a month"} | changes
    return cast.client(who).post(f"/clinic/courses/{course.id}/outcomes/review/", given)


def test_a_prescriber_reviews_once_and_the_course_moves(cast, course):
    assert review(cast, course).status_code == 302
    assert review(cast, course).status_code == 400
    course.refresh_from_db()
    assert course.state == "followup"
    assert Review.objects.get().reason == "better, sees us again in a month"


def test_ending_a_course_keeps_the_reason(cast, course):
    assert review(cast, course, choice="end", reason="well for three months").status_code == 302
    course.refresh_from_db()
    assert (course.state, course.end_reason) == ("ended", "well for three months")


def test_a_new_plan_without_a_valid_decision_is_refused_and_nothing_is_kept(cast, course):
    assert review(cast, course, choice="new-plan").status_code == 400
    assert not Review.objects.exists()


def test_a_review_needs_a_reason_and_a_prescriber_of_this_site(cast, course):
    assert review(cast, course, reason=" ").status_code == 400
    assert review(cast, course, choice="go-home").status_code == 400
    assert review(cast, course, who="nurse").status_code == 403
    assert review(cast, course, who="other_prescriber").status_code == 404
    assert not Review.objects.exists()


def rated(course, cast, knowledge, values, days_ago):
    add_score(
        by=cast.actor("nurse"),
        patient=course.patient,
        course_id=course.id,
        instrument="self-ratings",
        answers=values,
        total=None,
        band=None,
        prorated=False,
        safety="none",
        at=timezone.now() - dt.timedelta(days=days_ago),
        knowledge=knowledge,
    )


def test_each_rating_is_a_direction_and_a_sentence_for_staff_and_without_numbers_for_the_patient(
    cast, course, knowledge
):
    rated(course, cast, knowledge, [3, 4, 5, 5, 5, None, 2], 16)
    rated(course, cast, knowledge, [7, 4, 3, 5, 5, 6, None], 1)
    staff = cast.client("nurse").get(f"/clinic/courses/{course.id}/outcomes/").content.decode()
    assert "From 3 to 7 of 10 since" in staff
    assert "From 5 to 3 of 10 since" in staff
    assert "no source says what change of them counts" in staff
    own = cast.client("patient").get("/portal/outcomes/").content.decode()
    assert "Your answer is higher than when you began." in own.split("<h2>Calm</h2>")[1][:600]
    assert "Your answer is lower than when you began." in own.split("<h2>Sleep</h2>")[1][:600]
    assert "There is not enough yet" in own.split("<h2>Hope</h2>")[1][:300]


def test_what_no_source_defines_is_not_computed_and_says_why(cast, course, knowledge):
    scored(cast, course, knowledge, 30, 18, "wsas")
    scored(cast, course, knowledge, 20, 1, "wsas")
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/outcomes/").content.decode()
    part = shown.split("<h2>WSAS</h2>")[1].split("<h2>")[0]
    assert "-10 points" in part
    assert part.count("No source that was read defines it for this scale.") == 6
    assert "the direction is that of the number" in part
    assert "None" not in part


def test_what_a_clinician_rates_is_not_shown_as_the_patients_own_answer(cast, course, knowledge):
    scored(cast, course, knowledge, 24, 18, "ham-a")
    scored(cast, course, knowledge, 6, 1, "ham-a")
    assert cast.client("patient").get("/portal/outcomes/").content.count(b"<h2>") == 1
    assert b"HAM-A" in cast.client("nurse").get(f"/clinic/courses/{course.id}/outcomes/").content
