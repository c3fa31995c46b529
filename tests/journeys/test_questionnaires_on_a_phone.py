"""Long questionnaires, ratings and totals on a phone, by keyboard alone, and a clinician who enters a score."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from serein_web.followup.actions import request_questionnaires
from serein_web.record.models import Score
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.journey


def test_twenty_questions_seven_ratings_and_a_total_are_answered_by_keyboard_alone(cast, visit, knowledge):
    sent = request_questionnaires(
        by=cast.actor("nurse"),
        course=cast.course(state="followup"),
        id=uuid.uuid4(),
        instruments=["pcl-5", "self-ratings", "wsas"],
        knowledge=knowledge,
    )
    phone = visit(size=PHONE)
    phone.go(f"/q/{sent.token}/")
    keys = phone.page.keyboard
    for n in range(1, 28):
        phone.reads(f"Question {n} of 28")
        if n in (1, 21):
            phone.shows(f"question-{n}-of-28", dark=True)
        phone.page.locator('main input[type="radio"]').first.focus()
        keys.press("ArrowDown")
        with phone.page.expect_navigation():
            keys.press("Enter")
        if n == 2:
            phone.press("Back")
            phone.reads("Question 2 of 28")
            assert phone.page.locator("main input:checked").get_attribute("value") == "1"
            phone.press("Next")
    phone.reads("Question 28 of 28")
    phone.shows("question-total", dark=True)
    phone.page.get_by_label("A whole number from 0 to 40").focus()
    keys.type("25")
    with phone.page.expect_navigation():
        keys.press("Enter")
    phone.reads("Your answers have arrived")
    found = {row.instrument: (row.total, row.answers) for row in Score.objects.all()}
    assert found == {"pcl-5": (20, [1] * 20), "self-ratings": (None, [1] * 7), "wsas": (25, [25])}


def test_a_clinician_enters_a_score_and_sees_it_in_the_outcomes(cast, visit):
    course = cast.course(state="followup")
    desk = visit("nurse", DESK)
    desk.go(f"/clinic/courses/{course.id}/followup/")
    desk.shows("followup-with-scores")
    desk.follow("Enter a score that was taken elsewhere")
    desk.shows("scores-to-enter")
    desk.follow("LSAS (clinician)")
    for label, value in (("LSAS (clinician)", "70"), ("Fear", "40"), ("Avoidance", "30")):
        desk.page.get_by_label(label, exact=label == "LSAS (clinician)").first.fill(value)
    desk.page.get_by_label("When it was taken").fill(f"{timezone.localtime():%Y-%m-%dT00:00}")
    desk.page.get_by_label("Who took it").fill("Dr Ada Okafor")
    desk.shows("score-to-enter", dark=True)
    desk.press("Keep it")
    desk.reads("taken by Dr Ada Okafor")
    desk.go(f"/clinic/courses/{course.id}/outcomes/")
    desk.reads("There is one score to begin from")
    desk.shows("outcomes-of-an-entered-score")
