"""Two browsers and the back button: what is done once stays done once."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein_web.courses.actions import publish
from serein_web.people.models import Patient
from serein_web.sessionlog.models import Session
from tests.journeys.conftest import DESK, TABLET

pytestmark = pytest.mark.journey


def test_two_browsers_open_the_same_session_and_there_is_one(cast, visit):
    course = cast.course(state="session")
    until = timezone.now() + dt.timedelta(days=1)
    for kind in ("decision", "consent", "order"):
        publish(
            by=cast.actor("prescriber"),
            course=course,
            kind=kind,
            body={},
            source_id=uuid.uuid4(),
            valid_until=until,
        )
    page = f"/clinic/courses/{course.id}/session/"
    first, second = visit("nurse", TABLET), visit("second_nurse", TABLET)
    first.go(page)
    second.go(page)
    first.press("Open the session")
    second.press("Open the session")
    assert Session.objects.filter(course=course).count() == 1
    # The refusal of the second is what this is about; its status is no fault of the page.
    second.faults = [fault for fault in second.faults if "400 (Bad Request)" not in fault]
    second.reads("Go to session 1, which is running")
    second.shows("session-already-open")


def test_back_after_registering_and_pressing_again_makes_no_second_patient(cast, visit):
    desk = visit("front_desk", DESK)
    desk.go("/clinic/patients/register/")
    given = {"Given name": "Bea", "Family name": "Back-Invented", "Date of birth": "1970-01-02"}
    given |= {"Identifier: issued by": "urn:serein:test", "Identifier: number": "back-1"}
    for label, value in given.items():
        desk.page.get_by_label(label).fill(value)
    desk.press("Register")
    desk.reads("Bea Back-Invented")
    desk.page.go_back()
    for label, value in given.items():
        desk.page.get_by_label(label).fill(value)
    desk.press("Register")
    assert Patient.objects.filter(given_name="Bea").count() == 1
    desk.faults = [fault for fault in desk.faults if "400 (Bad Request)" not in fault]
    desk.reads("already")
