"""What holds only until a day: warned of in time, and never silently on afterwards."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from serein.logic import Statement
from serein.pathway.screening import decide, may_override
from serein.safety.lapsing import WARNED_BEFORE, lapsing

KEY = "telehealth-without-examination-in-person"


def on(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), dt.UTC)


@pytest.mark.parametrize(
    ("day", "warned"),
    [("2026-10-31", False), ("2026-11-01", True), ("2026-12-31", True), ("2027-01-31", True)],
)
def test_the_telehealth_rule_and_its_source_are_warned_of_sixty_days_before(knowledge, day, warned):
    found = {(f.kind, f.key) for f in lapsing(knowledge, on(day))}
    assert (("rule", KEY) in found) is warned
    assert (("evidence", "dea-2025-telemedicine") in found) is warned
    assert WARNED_BEFORE.days == 60


def test_a_lapse_says_its_last_day_and_how_many_days_are_left_or_past(knowledge):
    left = {f.key: f.days for f in lapsing(knowledge, on("2026-12-21"))}
    past = {f.key: f.days for f in lapsing(knowledge, on("2027-01-02"))}
    assert (left[KEY], past[KEY]) == (10, -2)
    assert {f.last_day for f in lapsing(knowledge, on("2026-12-21")) if f.key == KEY} == {
        dt.date(2026, 12, 31)
    }


def test_a_wider_look_finds_it_earlier_and_a_retired_rule_is_left_out(knowledge):
    assert KEY in {f.key for f in lapsing(knowledge, on("2026-06-01"), dt.timedelta(days=365))}
    rule = msgspec.structs.replace(knowledge.rules[KEY], retired_on=dt.date(2026, 5, 1))
    without = msgspec.structs.replace(knowledge, rules={**knowledge.rules, KEY: rule})
    assert KEY not in {f.key for f in lapsing(without, on("2026-12-21"))}


def decided(knowledge, at, seen):
    said = [Statement("seen_in_person", seen, at, "staff")]
    return decide(
        statements=said,
        product="ketamine",
        route="sublingual",
        jurisdiction="US",
        at=at,
        knowledge=knowledge,
        setting="home",
    )


def finding(decision):
    return next((f for f in decision.findings if f.rule == KEY), None)


def test_until_its_last_day_the_rule_judges(knowledge):
    last = on("2026-12-31", 23)
    assert finding(decided(knowledge, last, seen=False)).state == "fires"
    assert finding(decided(knowledge, last, seen=True)) is None


@pytest.mark.parametrize("seen", [True, False])
def test_from_the_next_day_on_it_asks_whatever_is_known_and_never_passes_in_silence(knowledge, seen):
    decision = decided(knowledge, on("2027-01-01", 0), seen)
    asked = finding(decision)
    assert (asked.state, asked.if_unknown) == ("unknown", "ask")
    assert "2026-12-31" in asked.because[0]
    assert may_override(decision, KEY) is None  # a prescriber who has found out may say so


def test_what_was_decided_before_is_replayed_as_it_was(knowledge):
    from serein.safety.evaluate import replay

    before = decided(knowledge, on("2026-12-30"), seen=False)
    assert replay(before, knowledge) == before
