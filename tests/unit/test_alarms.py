"""Alarms: raised on arrival, once an excursion; a latching one waits for somebody; late readings take none back."""

from __future__ import annotations

import datetime as dt

import msgspec

from serein.errors import Reason, Refusal
from serein.logic import Statement
from serein.monitoring.alarms import Raise, Resolve, StandingAlarm, facts_of, on_acknowledgement, on_reading
from serein.monitoring.readings import check_values, parse_reading
from serein.pathway.session import monitoring_rules

T0 = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


def at(minute: float) -> dt.datetime:
    return T0 + dt.timedelta(minutes=minute)


def said(minute: float, fact: str, value: float) -> Statement:
    return Statement(fact, value, at(minute), "staff", f"{fact} {value:g}")


def judge(knowledge, statements, alarms=(), *, when, now=None, touched="respiratory_rate"):
    rules = monitoring_rules(knowledge, product="ketamine", route="intravenous", at=T0)
    return on_reading(
        rules, alarms, statements, knowledge, touched=frozenset({touched}), at=at(when), now=at(now or when)
    )


def standing(rule: str, *, acknowledged: bool = False) -> StandingAlarm:
    seen = at(2) if acknowledged else None
    return StandingAlarm("a1", rule, "high", (), at(1), acknowledged_at=seen)


def test_a_reading_over_the_limit_alarms_at_once_and_says_why(knowledge):
    found = judge(knowledge, [said(1, "respiratory_rate", 9.0)], when=1)
    assert found == (Raise("breathing-slow", "medium", ("respiratory_rate 9",)),)


def test_one_excursion_is_one_alarm_a_rule(knowledge):
    readings = [said(1, "respiratory_rate", 9.0), said(3, "respiratory_rate", 9.0)]
    assert judge(knowledge, readings, [standing("breathing-slow")], when=3) == ()


def test_an_alarm_that_does_not_latch_is_over_with_the_next_good_reading(knowledge):
    readings = [said(1, "respiratory_rate", 9.0), said(3, "respiratory_rate", 14.0)]
    found = judge(knowledge, readings, [standing("breathing-slow")], when=3)
    assert found == (Resolve("a1", ("respiratory_rate 14",)),)


def test_a_latching_alarm_stays_until_somebody_has_seen_it(knowledge):
    readings = [said(1, "respiratory_rate", 7.0), said(3, "respiratory_rate", 14.0)]
    assert knowledge.rules["breathing-very-slow"].alarm.latching
    assert judge(knowledge, readings, [standing("breathing-very-slow")], when=3) == ()
    seen = standing("breathing-very-slow", acknowledged=True)
    rules = monitoring_rules(knowledge, product="ketamine", route="intravenous", at=T0)
    assert [r.alarm for r in on_acknowledgement(rules, [seen], readings, knowledge, now=at(4))] == ["a1"]


def test_seeing_an_alarm_clears_nothing_while_the_reading_stands(knowledge):
    rules = monitoring_rules(knowledge, product="ketamine", route="intravenous", at=T0)
    seen = standing("breathing-very-slow", acknowledged=True)
    assert on_acknowledgement(rules, [seen], [said(1, "respiratory_rate", 7.0)], knowledge, now=at(2)) == ()


def test_a_late_bad_reading_alarms_and_a_late_good_one_takes_nothing_back(knowledge):
    bad_late = [said(5, "respiratory_rate", 14.0), said(2, "respiratory_rate", 9.0)]
    assert judge(knowledge, bad_late, when=2, now=6) == (
        Raise("breathing-slow", "medium", ("respiratory_rate 9",)),
    )
    good_late = [said(5, "respiratory_rate", 9.0), said(2, "respiratory_rate", 14.0)]
    assert judge(knowledge, good_late, [standing("breathing-slow")], when=2, now=6) == ()


def test_a_reading_that_is_only_old_resolves_nothing(knowledge):
    readings = [said(1, "respiratory_rate", 9.0), said(90, "heart_rate", 70.0)]
    assert judge(knowledge, readings, [standing("breathing-slow")], when=90, touched="heart_rate") == ()


def test_a_derived_fact_is_touched_by_what_it_is_made_of(knowledge):
    rule = knowledge.rules["pressure-rise-ketamine"]
    assert {"systolic_pressure", "baseline_systolic_pressure"} <= facts_of(rule.condition, knowledge)


def test_a_typed_reading_is_parsed_or_refused(knowledge):
    rate = knowledge.facts["heart_rate"]
    assert parse_reading(rate, " 72 ") == 72.0
    assert parse_reading(knowledge.facts["escort_arranged"], "yes") is True
    for text, reason in (
        ("", Reason.MISSING),
        ("7,2", Reason.DECIMAL_COMMA),
        ("72 mmHg", Reason.WRONG_DIMENSION),
        ("720", Reason.OUT_OF_RANGE),
        ("NaN", Reason.NOT_A_NUMBER),
    ):
        refused = parse_reading(rate, text)
        assert isinstance(refused, Refusal), text
        assert refused.reason is reason


def test_values_that_are_not_plausible_or_not_known_are_refused(knowledge):
    assert check_values({"heart_rate": 72.0, "escort_arranged": True}, knowledge) is None
    for values in (
        {"heart_rate": 720},
        {"heart_rate": True},
        {"heart_rate": float("nan")},
        {"escort_arranged": 1},
        {"star_sign": 1},
        {"systolic_rise": 10.0},
    ):
        assert check_values(values, knowledge) is not None, values


def test_an_alarm_is_resolved_in_its_own_field():
    over = msgspec.structs.replace(standing("x"), resolved_at=at(3))
    assert not over.stands
    assert over.acknowledged_at is None
