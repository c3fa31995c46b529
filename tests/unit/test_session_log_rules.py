"""The session log: entries parsed or refused, the fold, what is allowed, what is due, the gate."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from serein.errors import Reason, Refusal
from serein.logic import Statement
from serein.pathway.session import (
    Entry,
    allowed,
    checks,
    course_statements,
    due,
    fold,
    gate,
    next_unit_at,
    parse_entry,
    questions,
    refuse_now,
    statements,
    without_loosening,
)
from tests.session_entries import T0, at, check_in, entry, observed, started

ORDER = {
    "product": "ketamine",
    "dose_low_mg": 20.0,
    "dose_high_mg": 40.0,
    "dose_mg": 35.0,
    "concentration_mg_per_ml": 1.0,
    "volume_ml": 35.0,
    "pump_ml_per_h": 52.5,
    "over_min": 40.0,
}
READ = {
    "product": "ketamine",
    "dose_mg": 35.0,
    "concentration_mg_per_ml": 1.0,
    "volume_ml": 35.0,
    "pump_ml_per_h": 52.5,
}


def refused(kind: str, body: dict, **more) -> Refusal:
    raw = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "at": T0,
        "recorded_at": T0,
        "body": body,
        "by": "nurse",
        "by_name": "Nurse Invented",
    } | more
    parsed = parse_entry(raw)
    assert isinstance(parsed, Refusal)
    return parsed


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("check-in", {"identifiers": ["name"]}),
        ("check-in", {"identifiers": ["name", "Name "]}),
        ("dosing-start", {"product": "ketamine", "route": "intravenous", "dose_mg": -5.0}),
        ("rate-change", {"rate_mg_per_h": 0.0}),
        ("rate-change", {"rate_mg_per_h": "40"}),
        ("dosing-stop", {"how": "because"}),
        ("symptom", {"term": "nausea", "onset": T0.isoformat(), "grade": 6}),
        ("symptom", {"term": "nausea", "onset": "2026-11-22T09:00:00", "grade": 1}),
        ("departure", {"how": "transferred"}),
        ("note", {"text": ""}),
        ("note", {"text": "x", "more": 1}),
        ("observation", {"values": {}}),
    ],
)
def test_a_body_that_is_not_of_its_kind_is_refused(kind, body):
    assert refused(kind, body).reason is Reason.MISMATCH


def test_an_unknown_kind_a_bad_id_a_naive_time_and_a_future_time_are_refused():
    assert refused("dance", {}).reason is Reason.NOT_A_CHOICE
    assert refused("pause", {}, id="seven").reason is Reason.UNKNOWN_KEY
    assert refused("pause", {}, at=T0.replace(tzinfo=None)).reason is Reason.NO_TIME_ZONE
    assert refused("pause", {}, at=at(5)).reason is Reason.IN_THE_FUTURE


def test_drawn_must_equal_given_plus_wasted_and_the_witness_is_a_second_person():
    body = {
        "product": "ketamine 50 mg/mL",
        "container": "vial 1",
        "lot": "A1",
        "expiry": "2027-01-31",
        "drawn_mg": 50.0,
        "given_mg": 35.0,
        "wasted_mg": 15.0,
        "witness": "second",
        "witness_name": "Second Nurse",
    }
    assert fold([entry("administration", 1, body)]).administrations[0].body.wasted_mg == 15.0
    assert refused("administration", body | {"wasted_mg": 10.0}).reason is Reason.MISMATCH
    assert refused("administration", body | {"witness": "nurse"}).reason is Reason.SAME_PERSON


def test_the_dose_is_the_integral_of_the_rates_and_a_pause_adds_nothing():
    log = [
        check_in(),
        started(10, 60.0),
        entry("pause", 20),
        entry("resume", 35),
        entry("rate-change", 40, {"rate_mg_per_h": 30.0}),
        entry("dosing-stop", 60, {"how": "completed"}),
    ]
    state = fold(log)
    assert state.given_mg(at(20)) == pytest.approx(10)
    assert state.given_mg(at(35)) == pytest.approx(10)
    assert state.given_mg(at(40)) == pytest.approx(15)
    assert state.given_mg(at(300)) == pytest.approx(25)
    assert (state.phase, state.outcome, state.rate_mg_per_h) == ("observation", "completed", 0.0)
    assert fold(log[:3]).rate_mg_per_h == 0.0


def test_a_spray_counts_from_its_first_to_its_last_device():
    start = entry("dosing-start", 0, {"product": "esketamine", "route": "nasal", "dose_mg": 56.0})
    given = [entry("dose-given", m, {"mg": 28.0, "what": "nasal device"}) for m in (2, 7)]
    state = fold([start, *given, entry("dosing-stop", 9, {"how": "completed"})])
    assert state.given_mg(at(5)) == 28.0
    assert state.given_mg(at(60)) == 56.0
    assert (state.dosing_started_at, state.dosing_ended_at) == (at(2), at(7))


def test_a_correction_replaces_and_a_retraction_removes_but_the_log_keeps_all():
    wrong = observed(5, heart_rate=720 / 10)
    right = entry("observation", 6, {"values": {"heart_rate": 82.0}}, corrects=wrong.id)
    state = fold([wrong, right])
    assert [(r.at, r.value) for r in state.observations["heart_rate"]] == [(at(6), 82.0)]
    gone = entry("retracted", 7, {"reason": "another patient"}, corrects=wrong.id, recorded_at=at(601))
    assert fold([wrong, right, gone]).observations == {}


def test_of_two_corrections_the_one_recorded_last_counts():
    first = observed(5, heart_rate=70.0)
    one = entry("observation", 5, {"values": {"heart_rate": 71.0}}, corrects=first.id)
    two = entry("observation", 5, {"values": {"heart_rate": 72.0}}, corrects=one.id, recorded_at=at(601))
    latest = fold([two, first, one]).latest("heart_rate")
    assert latest is not None
    assert latest.value == 72.0


def test_charting_stopping_and_leaving_are_never_blocked():
    for log in ([], [check_in()], [check_in(), started()], [check_in(), started(), entry("pause", 20)]):
        state = fold(log)
        assert {"observation", "note", "symptom", "departure"} <= allowed(state)
        assert ("dosing-stop" in allowed(state)) == (state.phase in {"dosing", "paused"})


def test_a_second_start_is_refused_and_a_late_pause_is_judged_by_its_own_time():
    log = [check_in(), started(10), entry("dosing-stop", 50, {"how": "completed"})]
    assert refuse_now(log, started(60)) is not None
    assert refuse_now(log, entry("pause", 55)) is not None
    assert refuse_now(log, entry("pause", 30)) is None


def test_a_correction_keeps_its_kind_and_alarms_are_not_corrected():
    first = observed(5, heart_rate=70.0)
    assert refuse_now([first], entry("note", 6, {"text": "x"}, corrects=first.id)) is not None
    raised = entry("alarm", 5, {"rule": "heart-rate-fast", "priority": "medium"})
    assert refuse_now([raised], entry("retracted", 6, {"reason": "no"}, corrects=raised.id)) is not None
    assert refuse_now([first], entry("retracted", 6, {"reason": "no"}, corrects=first.id)) is None


def test_a_check_is_done_if_charted_in_the_second_half_of_its_interval(knowledge):
    route = knowledge.routes["intravenous"]
    begun = [check_in(), started(10)]
    pressure = {"systolic_pressure": 120.0, "diastolic_pressure": 80.0}

    def next_pressure(*more: Entry) -> dt.datetime:
        found = due(fold([*begun, *more]), route, at(19))
        return next(d.at for d in found if "systolic_pressure" in d.readings)

    assert next_pressure() == at(20)
    assert next_pressure(observed(14, **pressure)) == at(20)
    assert next_pressure(observed(16, **pressure)) == at(30)


def test_what_was_missed_is_overdue_and_charting_once_settles_it(knowledge):
    route = knowledge.routes["intravenous"]
    log = [check_in(), started(10)]
    assert due(fold(log), route, at(45))[0].overdue
    vitals = dict.fromkeys(("heart_rate", "oxygen_saturation", "respiratory_rate"), 70.0)
    now = observed(45, systolic_pressure=120.0, diastolic_pressure=80.0, sedation_moaas=5.0, **vitals)
    left = due(fold([*log, now]), route, at(45))
    assert all("systolic_pressure" not in d.readings or not d.overdue for d in left)


def test_recovery_checks_begin_when_the_observation_is_over_and_end_with_leaving(knowledge):
    route = knowledge.routes["intravenous"]
    log = [check_in(), started(10), entry("dosing-stop", 50, {"how": "completed"})]
    assert {d.phase for d in due(fold(log), route, at(60))} == {"observation"}
    assert {d.phase for d in due(fold(log), route, at(111))} == {"recovery"}
    gone = entry("departure", 120, {"how": "left-before-criteria", "reason": "would not wait"})
    assert due(fold([*log, gone]), route, at(121)) == ()


def test_the_next_device_waits_for_the_time_between_two_and_none_follows_the_last(knowledge):
    route = knowledge.routes["nasal"]
    body = {"product": "esketamine", "route": "nasal", "dose_mg": 56.0}
    begun = [check_in(), entry("dosing-start", 10, body)]
    devices = [entry("dose-given", m, {"mg": 28.0, "what": "nasal device"}) for m in (11, 17)]
    assert next_unit_at(fold(begun), route) is None
    assert next_unit_at(fold([*begun, devices[0]]), route) == at(16)
    assert next_unit_at(fold([*begun, *devices]), route) is None
    stopped = entry("dosing-stop", 12, {"how": "aborted"})
    assert next_unit_at(fold([*begun, devices[0], stopped]), route) is None


def said_by_two(knowledge, second: dict, by: str = "second") -> dict[str, Statement]:
    log = [entry("settings-read", 1, READ), entry("settings-read", 2, READ | second, by=by, by_name="Two")]
    return {s.fact: s for s in statements(fold(log), knowledge, at(3), order=ORDER)}


def test_dose_and_pump_count_as_read_only_when_two_persons_agree_with_each_other_and_the_order(
    knowledge,
):
    agreed = said_by_two(knowledge, {})
    assert agreed["dose_read_by_two"].value is True
    assert agreed["pump_read_by_two"].value is True
    assert said_by_two(knowledge, {"dose_mg": 3.5})["dose_read_by_two"].value is False
    assert said_by_two(knowledge, {"pump_ml_per_h": 5.25})["pump_read_by_two"].value is False
    assert "dose_read_by_two" not in said_by_two(knowledge, {}, by="nurse")


def test_two_who_agree_on_a_dose_outside_the_order_have_not_read_the_order(knowledge):
    ten_fold = READ | {"dose_mg": 350.0}
    log = [entry("settings-read", 1, ten_fold), entry("settings-read", 2, ten_fold, by="second")]
    found = {s.fact: s.value for s in statements(fold(log), knowledge, at(3), order=ORDER)}
    assert found["dose_read_by_two"] is False


def test_the_baseline_is_the_last_pressure_before_the_dose(knowledge):
    log = [
        check_in(),
        observed(1, systolic_pressure=118.0),
        observed(8, systolic_pressure=124.0),
        started(10),
        observed(20, systolic_pressure=150.0),
    ]
    found = {s.fact: s for s in statements(fold(log), knowledge, at(25))}
    assert found["baseline_systolic_pressure"].value == 124.0
    assert found["minutes_since_dosing_start"].value == 15.0
    assert "minutes_since_dosing_end" not in found


def known_of_course(**changes):
    given = {
        "at": at(5),
        "asked_from": T0,
        "order_valid": True,
        "consent_valid": True,
        "acceptance_valid": True,
        "open_safety_task": False,
        "doses": (),
        "course_doses": (),
    } | changes
    return course_statements(**given)


def judged(knowledge, log: list[Entry]):
    return gate(
        [*known_of_course(), *statements(fold(log), knowledge, at(5), order=ORDER)],
        knowledge,
        product="ketamine",
        route="intravenous",
        at=at(5),
    )


def test_the_gate_is_closed_while_anything_that_blocks_is_unknown_and_asks_for_it(knowledge):
    decision = judged(knowledge, [check_in()])
    assert decision.conclusion == "incomplete"
    asked = questions(decision, knowledge)
    assert {"systolic_pressure", "intoxicated_today", "monitor_alarms_on"} <= set(asked)
    assert not {"identifiers_checked", "order_valid", "dose_read_by_two"} & set(asked)
    passed = {c.rule for c in checks(decision, knowledge) if c.state == "passed"}
    assert {"order-not-valid", "consent-not-valid", "identifiers-not-checked"} <= passed


def test_without_a_valid_order_nobody_starts_and_nobody_overrides(knowledge):
    order = Statement("order_valid", False, at(5), "computed", "none")
    said = [s for s in known_of_course() if s.fact != "order_valid"]
    decision = gate([*said, order], knowledge, product="ketamine", route="intravenous", at=at(5))
    finding = next(f for f in decision.findings if f.rule == "order-not-valid")
    assert (finding.state, finding.overridable) == ("fires", False)


def test_a_dose_two_days_ago_is_counted_from_its_end():
    spans = ((at(-40 * 60), at(-39 * 60)),)
    found = {s.fact: s.value for s in known_of_course(doses=spans, course_doses=spans)}
    assert found["previous_dose"] is True
    assert found["hours_since_last_dose"] == pytest.approx(39 + 5 / 60)
    assert found["doses_last_7_days"] == 1.0


def test_a_concentration_is_read_as_ordered_only_when_it_is_the_same_number(knowledge):
    order = ORDER | {"concentration_mg_per_ml": 1.0}
    nearly = READ | {"concentration_mg_per_ml": 1.04}
    log = [entry("settings-read", 1, nearly), entry("settings-read", 2, nearly, by="second")]
    found = {s.fact: s.value for s in statements(fold(log), knowledge, at(3), order=order)}
    assert found["dose_read_by_two"] is False


def test_nobody_states_away_a_dose_that_was_given_here_and_a_nearer_one_elsewhere_counts():
    given = (
        Statement("previous_dose", True, at(0), "computed"),
        Statement("hours_since_last_dose", 3.0, at(0), "computed"),
        Statement("doses_last_7_days", 2.0, at(0), "computed"),
    )
    looser = (
        Statement("previous_dose", False, at(1), "staff"),
        Statement("hours_since_last_dose", 60.0, at(1), "staff"),
        Statement("doses_last_7_days", 0.0, at(1), "staff"),
    )
    nearer = Statement("hours_since_last_dose", 1.0, at(1), "staff")
    assert without_loosening((*looser, nearer), given) == (nearer,)
