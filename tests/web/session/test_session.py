"""The day of treatment over the web: opening, the gate, the chair, alarms, corrections; and who may not."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from serein.errors import Reason, Refusal
from serein_web.audit.verify import faults
from serein_web.courses.actions import revoke
from serein_web.courses.models import Course
from serein_web.people.actions import register_patient
from serein_web.record.actions import state_facts
from serein_web.record.models import AdverseEvent
from serein_web.schedule.actions import add_chair, book
from serein_web.session import actions
from serein_web.sessionlog import actions as log
from serein_web.sessionlog.models import Entry, Judgement, Reading, Session
from serein_web.sessionlog.queries import dose_spans, doses, judgements, last_dose, running, state
from serein_web.tasks.models import Task
from tests.web.session_steps import DAY, READ, add, ago, course_with_order, dosed, dosing, opened, ready

pytestmark = pytest.mark.django_db


def url(session: Session, rest: str = "") -> str:
    return f"/clinic/courses/{session.course_id}/session/{session.id}/{rest}"


def post(cast, session, kind, given=None, who="nurse"):
    return cast.client(who).post(url(session, f"chart/{kind}/"), {"id": str(uuid.uuid4())} | (given or {}))


def wall_clock(cast, minutes_ago: float) -> str:
    """A time as staff type it: on the clock of the site."""
    return f"{timezone.localtime(ago(minutes_ago), ZoneInfo(cast.site.time_zone)):%Y-%m-%dT%H:%M}"


def test_a_session_opens_once_even_from_two_browsers(cast):
    course = course_with_order(cast)
    page = f"/clinic/courses/{course.id}/session/"
    first = cast.client("nurse").post(page, {"open": "1"})
    second = cast.client("prescriber").post(page, {"open": "1"})
    assert (first.status_code, second.status_code) == (302, 400)
    assert Session.objects.count() == 1
    assert first.url.encode() in second.content
    assert faults(f"session:{Session.objects.get().id}") == []


def test_without_a_valid_order_no_session_opens(cast):
    course = course_with_order(cast)
    revoke(by=cast.actor("prescriber"), course=course, kind="order", reason="changed")
    response = cast.client("nurse").post(f"/clinic/courses/{course.id}/session/", {"open": "1"})
    assert response.status_code == 400
    assert not Session.objects.exists()


def test_a_chair_holds_one_running_session(cast):
    session = opened(cast)
    chair = add_chair(by=cast.actor("nurse"), site=cast.site, name="Window")
    Session.objects.filter(id=session.id).update(chair=chair)
    patient = register_patient(
        by=cast.actor("nurse"),
        site=cast.site,
        given_name="Ben",
        family_name="Invented",
        birth_date=dt.date(1980, 1, 1),
        today=timezone.localdate(),
    )
    course = course_with_order(cast, patient)
    refused = actions.open_session(by=cast.actor("nurse"), course=course, chair=chair)
    assert isinstance(refused, Refusal)
    assert Session.objects.count() == 1


def test_the_appointment_of_the_day_is_in_the_chair(cast):
    course = course_with_order(cast)
    appointment = book(
        by=cast.actor("nurse"),
        patient=cast.patient,
        kind="session",
        starts_at=timezone.now() + dt.timedelta(seconds=1),
        minutes=60,
    )
    actions.open_session(by=cast.actor("nurse"), course=course)
    appointment.refresh_from_db()
    assert appointment.status == "in_chair"


def test_the_gate_asks_what_is_missing_and_the_dose_does_not_start(cast, knowledge):
    session = opened(cast)
    page = cast.client("nurse").get(url(session, "gate/"))
    assert b"Do not start yet" in page.content
    assert b'name="systolic_pressure"' in page.content
    assert post(cast, session, "dosing-start").status_code == 400
    add(cast, knowledge, session, "check-in", {"identifiers": ["name", "date of birth"]})
    for who in ("nurse", "second_nurse"):
        add(cast, knowledge, session, "settings-read", READ, who)
    assert post(cast, session, "dosing-start").status_code == 400
    assert state(session).start is None
    assert not Judgement.objects.exists()


def test_the_gate_opens_and_the_decision_is_kept_whole(cast, knowledge):
    session = ready(cast, knowledge)
    page = cast.client("nurse").get(url(session, "gate/"))
    assert b"The gate is open" in page.content
    assert post(cast, session, "dosing-start").status_code == 302
    now = state(session)
    assert (now.phase, now.rate_mg_per_h) == ("dosing", 52.5)
    [(row, decision)] = judgements(session)
    assert (row.stage, decision.conclusion) == ("session", "eligible")
    assert last_dose(session.course) is not None
    assert len(doses(session.course)) == 1


def test_one_person_reading_twice_does_not_open_the_gate(cast, knowledge):
    session = ready(cast, knowledge)
    Entry.objects.filter(session=session, kind="settings-read").update(by="somebody")
    assert post(cast, session, "dosing-start").status_code == 400


def test_a_consent_withdrawn_meanwhile_closes_the_gate(cast, knowledge):
    session = ready(cast, knowledge)
    revoke(by=cast.actor("prescriber"), course=session.course, kind="consent", reason="withdrawn")
    assert post(cast, session, "dosing-start").status_code == 400


def test_a_prescriber_goes_on_in_spite_of_a_hold_and_a_nurse_cannot(cast, knowledge):
    session = ready(cast, knowledge)
    add(cast, knowledge, session, "observation", {"values": {"systolic_pressure": 150.0}})
    assert post(cast, session, "dosing-start").status_code == 400
    decision = actions.gate_of(session, state(session), knowledge, timezone.now())
    finding = next(f for f in decision.findings if f.rule == "pressure-high-before-ketamine")
    given = {
        "id": str(uuid.uuid4()),
        "rule": finding.rule,
        "digest": finding.digest,
        "state": finding.state,
        "reason": "usual for her, untreated pain",
    }
    assert cast.client("nurse").post(url(session, "override/"), given).status_code == 403
    assert cast.client("prescriber").post(url(session, "override/"), given).status_code == 302
    assert post(cast, session, "dosing-start").status_code == 302


def test_the_log_itself_refuses_a_start_without_a_decision(cast, knowledge):
    session = ready(cast, knowledge)
    refused = log.append(
        by=cast.actor("nurse"),
        session=session,
        kind="dosing-start",
        body={"product": "ketamine", "route": "intravenous", "dose_mg": 35.0},
        knowledge=knowledge,
    )
    assert isinstance(refused, Refusal)


def test_the_infusion_is_paused_resumed_and_stopped_from_the_chair(cast, knowledge):
    session = dosing(cast, knowledge)
    assert post(cast, session, "pause").status_code == 302
    assert state(session).rate_mg_per_h == 0
    assert post(cast, session, "pause").status_code == 400
    assert post(cast, session, "resume").status_code == 302
    assert post(cast, session, "rate-change", {"rate_mg_per_h": "40"}).status_code == 400
    assert post(cast, session, "rate-change", {"rate_mg_per_h": "40 mg/h"}).status_code == 302
    assert state(session).rate_mg_per_h == 40.0
    assert post(cast, session, "dosing-stop", {"how": "aborted"}).status_code == 302
    assert state(session).outcome == "aborted"
    assert Course.objects.get(id=session.course_id).state == "recovery"


def test_the_reason_of_a_stop_may_follow_it(cast, knowledge):
    session = dosing(cast, knowledge)
    post(cast, session, "dosing-stop", {"how": "aborted"})
    said = state(session).stop
    again = {"id": str(uuid.uuid4()), "how": "aborted", "reason": "vomiting"}
    assert cast.client("nurse").post(url(session, f"entries/{said.id}/"), again).status_code == 302
    assert (state(session).stop.body.reason, state(session).stop.at) == ("vomiting", said.at)


def test_an_override_does_not_outlive_the_reading_it_was_made_at(cast, knowledge):
    session = ready(cast, knowledge)
    add(cast, knowledge, session, "observation", {"values": {"systolic_pressure": 150.0}})
    page = cast.client("prescriber").get(url(session, "override/?rule=pressure-high-before-ketamine"))
    shown = page.context["form"].initial
    given = {k: str(shown[k]) for k in ("id", "rule", "digest", "state", "grounds")} | {
        "reason": "usual for her"
    }
    assert cast.client("prescriber").post(url(session, "override/"), given).status_code == 302
    add(cast, knowledge, session, "observation", {"values": {"systolic_pressure": 158.0}})
    assert post(cast, session, "dosing-start").status_code == 400
    assert state(session).start is None


def test_a_start_is_judged_now_whatever_time_it_claims(cast, knowledge):
    session = ready(cast, knowledge, minutes_ago=3)
    revoke(by=cast.actor("prescriber"), course=session.course, kind="consent", reason="withdrawn")
    early = {"at": wall_clock(cast, 2)}
    assert post(cast, session, "dosing-start", early).status_code == 400


def test_a_dose_that_had_begun_is_recorded_with_its_reason_and_a_prescriber_is_told(cast, knowledge):
    session = ready(cast, knowledge, minutes_ago=20)
    early = {"at": wall_clock(cast, 15)}
    assert post(cast, session, "dosing-start", early).status_code == 400
    assert state(session).start is None
    said = early | {"charted_late": "the tablet had no power"}
    assert post(cast, session, "dosing-start", said).status_code == 302
    assert state(session).start.body.charted_late == "the tablet had no power"
    assert Task.objects.filter(key=f"late-start:{session.id}", role="prescriber", done_at=None).count() == 1
    assert len(judgements(session)) == 1


def test_a_start_with_doses_after_it_is_not_taken_back(cast, knowledge):
    session = dosing(cast, knowledge)
    add(cast, knowledge, session, "dosing-stop", {"how": "completed"})
    retract = {"id": str(uuid.uuid4()), "do": "retract", "reason": "typed in error"}
    begun = Entry.objects.get(session=session, kind="dosing-start")
    assert cast.client("nurse").post(url(session, f"entries/{begun.id}/"), retract).status_code == 400
    assert state(session).start is not None


def test_a_pressure_from_the_record_is_the_baseline_of_the_rise(cast, knowledge):
    session = opened(cast)
    state_facts(
        by=cast.actor("nurse"),
        patient=session.patient,
        values={"systolic_pressure": 118.0, "diastolic_pressure": 76.0},
        at=timezone.now(),
        source="staff",
        knowledge=knowledge,
    )
    add(cast, knowledge, session, "check-in", {"identifiers": ["name", "date of birth"]})
    day = {k: v for k, v in DAY.items() if not k.endswith("pressure")}
    add(cast, knowledge, session, "observation", {"values": day})
    for who in ("nurse", "second_nurse"):
        add(cast, knowledge, session, "settings-read", READ, who)
    assert post(cast, session, "dosing-start").status_code == 302
    add(
        cast,
        knowledge,
        session,
        "observation",
        {"values": {"systolic_pressure": 159.0, "diastolic_pressure": 80.0}},
    )
    assert {a.rule for a in state(session).standing_alarms()} == {"pressure-rise-ketamine"}


def test_a_stop_is_charted_even_when_the_course_has_moved_on(cast, knowledge):
    session = dosing(cast, knowledge)
    Course.objects.filter(id=session.course_id).update(state="consent")
    assert post(cast, session, "dosing-stop", {"how": "completed"}).status_code == 302
    assert state(session).phase == "observation"


def test_the_same_form_sent_twice_is_one_entry_and_another_under_its_id_is_refused(cast, knowledge):
    session = dosing(cast, knowledge)
    id_ = {"id": str(uuid.uuid4())}
    before = Entry.objects.count()
    assert post(cast, session, "observation", id_ | {"sedation_moaas": "4"}).status_code == 302
    assert post(cast, session, "observation", id_ | {"sedation_moaas": "4"}).status_code == 302
    assert Entry.objects.count() == before + 1
    assert post(cast, session, "observation", id_ | {"sedation_moaas": "3"}).status_code == 400


@pytest.mark.parametrize("typed", ["720", "7,2", "NaN", "-5", "72 mmHg"])
def test_a_reading_that_cannot_be_is_refused_and_nothing_is_kept(cast, knowledge, typed):
    session = opened(cast)
    assert post(cast, session, "observation", {"heart_rate": typed}).status_code == 400
    assert not Entry.objects.exists()
    assert not Reading.objects.exists()


def test_a_bad_reading_alarms_until_seen_and_over(cast, knowledge):
    session = dosing(cast, knowledge, 10)
    add(cast, knowledge, session, "observation", {"values": {"respiratory_rate": 7.0}}, minutes_ago=2)
    alarm = next(a for a in state(session).standing_alarms() if a.rule == "breathing-very-slow")
    assert b"Breathing below 8" in cast.client("nurse").get(url(session)).content
    add(cast, knowledge, session, "observation", {"values": {"respiratory_rate": 14.0}}, minutes_ago=1)
    assert [a.rule for a in state(session).standing_alarms()] == ["breathing-very-slow"]
    assert post(cast, session, "alarm-acknowledged", {"alarm": alarm.id}).status_code == 302
    assert state(session).standing_alarms() == ()
    seen = next(a for a in state(session).alarms if a.id == alarm.id)
    assert seen.acknowledged_by == cast.actor("nurse").name


def test_nobody_writes_an_alarm_by_hand(cast, knowledge):
    session = opened(cast)
    refused = log.append(
        by=cast.actor("nurse"),
        session=session,
        kind="alarm",
        body={"rule": "x", "priority": "low"},
        knowledge=knowledge,
    )
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_ALLOWED_FOR_ROLE


def test_a_symptom_is_an_adverse_event_and_its_correction_follows_it(cast, knowledge):
    session = dosing(cast, knowledge, 10)
    body = {"term": "nausea", "grade": 1, "onset": ago(3).isoformat()}
    first = add(cast, knowledge, session, "symptom", body)
    add(cast, knowledge, session, "symptom", body | {"grade": 2}, corrects=first.id)
    add(cast, knowledge, session, "retracted", {"reason": "another patient"}, corrects=first.id)
    events = list(AdverseEvent.objects.order_by("recorded_at"))
    assert [e.grade for e in events] == [1, 2, 2]
    assert events[1].supersedes == events[0]
    assert events[2].supersedes == events[1]
    assert state(session).symptoms == ()


def test_an_entry_is_corrected_and_taken_back_from_its_page(cast, knowledge):
    session = dosing(cast, knowledge, 10)
    entry = add(cast, knowledge, session, "observation", {"values": {"heart_rate": 27.0}})
    page = cast.client("nurse").get(url(session, f"entries/{entry.id}/"))
    assert b'value="27"' in page.content
    fixed = {"id": str(uuid.uuid4()), "heart_rate": "72"}
    assert cast.client("nurse").post(url(session, f"entries/{entry.id}/"), fixed).status_code == 302
    latest = state(session).latest("heart_rate")
    assert latest is not None
    assert latest.value == 72.0
    back = {"id": str(uuid.uuid4()), "do": "retract", "reason": "wrong patient"}
    assert cast.client("nurse").post(url(session, f"entries/{entry.id}/"), back).status_code == 302
    before = state(session).latest("heart_rate")
    assert before is not None
    assert before.value == 70.0


def test_an_administration_needs_a_witness_and_must_add_up(cast, knowledge):
    session = dosing(cast, knowledge)
    given = {
        "product": "ketamine 50 mg/mL",
        "container": "vial 1",
        "lot": "A1",
        "expiry": "2027-01-31",
        "drawn_mg": "50",
        "given_mg": "35",
        "wasted_mg": "15",
        "witness": str(cast.users["second_nurse"].id),
    }
    assert post(cast, session, "administration", given | {"wasted_mg": "5"}).status_code == 400
    himself = given | {"witness": str(cast.users["nurse"].id)}
    assert post(cast, session, "administration", himself).status_code == 400
    stranger = given | {"witness": str(cast.users["other_prescriber"].id)}
    assert post(cast, session, "administration", stranger).status_code == 400
    assert post(cast, session, "administration", given).status_code == 302


def test_the_chair_page_asks_only_for_what_is_new(cast, knowledge):
    session = dosing(cast, knowledge)
    session.refresh_from_db()
    nurse = cast.client("nurse")
    assert nurse.get(url(session, f"live/?seq={session.last_seq}")).status_code == 204
    add(cast, knowledge, session, "note", {"text": "calm"})
    assert nurse.get(url(session, f"live/?seq={session.last_seq - 1}")).status_code == 200
    page = nurse.get(url(session))
    assert b"Dosing" in page.content
    assert b"122/78" in page.content


@pytest.mark.parametrize(
    "kind", ["symptom", "note", "escort", "dosing-stop", "rate-change", "dose-given", "observation"]
)
def test_every_form_opens(cast, knowledge, kind):
    session = dosing(cast, knowledge)
    assert cast.client("nurse").get(url(session, f"chart/{kind}/")).status_code == 200


def test_a_reading_that_is_overdue_fades_and_says_so(cast, knowledge):
    session = dosing(cast, knowledge, 25)
    page = cast.client("nurse").get(url(session)).content
    assert b"stale" in page
    assert b"overdue" in page


def test_the_wrong_person_gets_nothing(cast, knowledge):
    session = dosing(cast, knowledge)
    for path in ("", "gate/", "live/?seq=0", "chart/note/", f"entries/{uuid.uuid4()}/"):
        assert cast.client("other_prescriber").get(url(session, path)).status_code == 404
        for who in ("front_desk", "researcher", "patient", "stranger"):
            assert cast.client(who).get(url(session, path)).status_code == 403
        assert cast.client().get(url(session, path)).status_code == 302
    assert post(cast, session, "note", {"text": "x"}, who="other_prescriber").status_code == 404
    other = cast.course(patient=cast.stranger)
    wrong_course = f"/clinic/courses/{other.id}/session/{session.id}/"
    assert cast.client("nurse").get(wrong_course).status_code == 404


def test_doses_are_counted_for_the_next_gate(cast, knowledge):
    session = dosed(cast, knowledge, 10)
    [(when, mg)] = doses(session.course)
    assert mg == pytest.approx(35.0, rel=0.01)
    assert (last_dose(session.course) - when) / dt.timedelta(minutes=1) == pytest.approx(40, abs=0.1)
    assert dose_spans(patient=cast.patient, without=session) == []
    assert running(session.course) == session


@pytest.mark.parametrize("fact", ["dose_read_by_two", "pump_read_by_two", "order_valid", "consent_valid"])
def test_nobody_charts_as_a_reading_what_only_the_log_or_the_programme_settles(cast, fact):
    session = opened(cast)
    assert post(cast, session, "observation", {fact: "yes"}).status_code == 400
    assert not Entry.objects.exists()


def test_an_absolute_exclusion_that_is_found_after_the_acceptance_stops_the_start(cast, knowledge):
    session = ready(cast, knowledge)
    state_facts(
        by=cast.actor("nurse"),
        patient=session.patient,
        values={"aneurysmal_vascular_disease": True},
        at=timezone.now(),
        source="staff",
        knowledge=knowledge,
    )
    assert "absolute rule" in cast.client("nurse").get(url(session, "gate/")).content.decode()
    assert post(cast, session, "dosing-start").status_code == 400
    assert Session.objects.get().dosing_started_at is None
