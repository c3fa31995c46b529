"""Leaving over the web: criteria, discharge, every other way out, and what follows from it."""

from __future__ import annotations

import uuid

import pytest

from serein_web.courses.models import Course, Standing
from serein_web.sessionlog.models import Entry, Judgement, Session
from serein_web.sessionlog.queries import state
from serein_web.tasks.models import Task
from tests.web.session_steps import dosed, dosing, fit_to_leave, opened

pytestmark = pytest.mark.django_db

ALDRETE = ("activity", "respiration", "circulation", "consciousness", "saturation")


def url(session: Session, rest: str = "") -> str:
    return f"/clinic/courses/{session.course_id}/recovery/{rest}"


def post(cast, session, rest, given=None, who="nurse"):
    return cast.client(who).post(url(session, rest), {"id": str(uuid.uuid4())} | (given or {}))


def test_discharge_opens_when_the_criteria_hold_and_the_course_goes_on(cast, knowledge):
    session = fit_to_leave(cast, knowledge)
    assert b"Discharge is open" in cast.client("nurse").get(url(session)).content
    assert post(cast, session, "discharge/").status_code == 302
    session.refresh_from_db()
    assert (session.status, session.outcome) == ("ended", "completed")
    assert Course.objects.get(id=session.course_id).state == "followup"
    assert Standing.objects.get(kind="departure").body["how"] == "discharged"
    assert Judgement.objects.filter(stage="recovery", conclusion="eligible").count() == 1
    assert not Task.objects.exists()


def test_a_discharge_posted_by_hand_before_the_criteria_hold_changes_nothing(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    entries = Entry.objects.count()
    response = post(cast, session, "discharge/")
    assert response.status_code == 400
    assert b"Can hold from" in response.content
    assert Entry.objects.count() == entries
    assert state(session).departure is None
    assert Course.objects.get(id=session.course_id).state == "recovery"
    assert not Standing.objects.filter(kind="departure").exists()


def test_discharging_twice_from_two_browsers_is_one_departure(cast, knowledge):
    session = fit_to_leave(cast, knowledge)
    assert post(cast, session, "discharge/").status_code == 302
    assert post(cast, session, "discharge/", who="second_nurse").status_code == 400
    assert Entry.objects.filter(kind="departure").count() == 1


def test_a_high_pressure_waits_for_a_prescribers_recorded_decision(cast, knowledge):
    session = fit_to_leave(cast, knowledge, systolic_pressure=165.0)
    assert post(cast, session, "discharge/").status_code == 400
    rule = knowledge.rules["pressure-at-discharge"]
    given = {"rule": rule.key, "digest": rule.digest, "state": "fires", "reason": "her usual pressure"}
    assert post(cast, session, "override/", given).status_code == 403
    assert post(cast, session, "override/", given, who="prescriber").status_code == 302
    assert post(cast, session, "discharge/").status_code == 302


@pytest.mark.parametrize("how", ["left-before-criteria", "transferred"])
def test_leaving_otherwise_is_always_open_and_somebody_calls(cast, knowledge, how):
    session = dosing(cast, knowledge, 10)
    assert post(cast, session, "leave/", {"how": how}).status_code == 400
    given = {"how": how, "reason": "would not stay", "warning_given": "yes"}
    assert post(cast, session, "leave/", given).status_code == 302
    session.refresh_from_db()
    assert (session.status, session.outcome) == ("ended", how)
    assert state(session).rate_mg_per_h == 0
    assert sorted(Task.objects.values_list("kind", flat=True)) == ["call", "clinical"]
    assert Course.objects.get(id=session.course_id).state == "followup"
    assert Standing.objects.get(kind="departure").body["how"] == how


def test_where_a_prescriber_was_told_only_the_call_is_left_to_do(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    given = {"how": "left-before-criteria", "reason": "a taxi waits", "prescriber_told": "Dr Invented"}
    assert post(cast, session, "leave/", given).status_code == 302
    assert Task.objects.get().kind == "call"


def test_somebody_without_a_dose_goes_home_and_can_come_again(cast, knowledge):
    session = opened(cast)
    given = {"how": "not-dosed", "reason": "pressure too high today"}
    assert post(cast, session, "leave/", given).status_code == 302
    assert Course.objects.get(id=session.course_id).state == "session"
    again = cast.client("nurse").post(f"/clinic/courses/{session.course_id}/session/", {"open": "1"})
    assert again.status_code == 302
    assert Session.objects.count() == 2


def test_after_a_dose_nobody_left_without_one(cast, knowledge):
    session = dosing(cast, knowledge)
    assert post(cast, session, "leave/", {"how": "not-dosed", "reason": "mistake"}).status_code == 400


def test_who_dies_ends_the_course(cast, knowledge):
    session = dosing(cast, knowledge)
    given = {"how": "died", "reason": "cardiac arrest", "prescriber_told": "Dr Invented"}
    assert post(cast, session, "leave/", given).status_code == 302
    assert Course.objects.get(id=session.course_id).state == "ended"


def test_the_recovery_score_is_charted_from_its_items(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    page = cast.client("nurse").get(url(session, "aldrete/"))
    assert b"The readings suggest 2" in page.content
    assert post(cast, session, "aldrete/", dict.fromkeys(ALDRETE[:4], "2")).status_code == 400
    assert post(cast, session, "aldrete/", dict.fromkeys(ALDRETE, "2")).status_code == 302
    latest = state(session).latest("aldrete_total")
    assert latest is not None
    assert latest.value == 10.0


def test_escort_and_instructions_are_charted_here(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    assert post(cast, session, "chart/escort/", {"name": "Kim", "arrived": "on"}).status_code == 302
    assert post(cast, session, "chart/instructions-given/", {"what": "sheet"}).status_code == 302
    assert post(cast, session, "chart/observation/", {"walks_unaided": "yes"}).status_code == 302
    assert post(cast, session, "chart/pause/").status_code == 404
    now = state(session)
    assert now.escort is not None
    assert now.escort.body.arrived is True
    assert now.instructions is not None


def test_the_wrong_person_gets_nothing(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    for path in ("", "leave/", "aldrete/"):
        assert cast.client("other_prescriber").get(url(session, path)).status_code == 404
        for who in ("front_desk", "researcher", "patient", "stranger"):
            assert cast.client(who).get(url(session, path)).status_code == 403
        assert cast.client().get(url(session, path)).status_code == 302
    assert post(cast, session, "discharge/", who="other_prescriber").status_code == 404


def test_the_patient_reads_what_to_do_afterwards(cast):
    page = cast.client("patient").get("/portal/recovery/")
    assert page.status_code == 200
    assert b"Do not drive" in page.content
    assert cast.client("nurse").get("/portal/recovery/").status_code == 403
    assert cast.client().get("/portal/recovery/").status_code == 302
