"""How old a reading may be, rule by rule, to the second; and how long an alarm waits. Held fast in a second place.

No source that we have read fixes these spans: each is an assumption of this programme. The table was written with the rules open,
so that a slip in a rule's file is noticed. Before a dose a vital sign counts for 30 minutes, in a running session for
20 (the longest interval between two checks there is 15 minutes), at the door again for 30.
"""

from __future__ import annotations

import datetime as dt

import pytest

from serein.knowledge.load import duration_s
from serein.logic import Facts, Statement
from serein.safety.evaluate import judge

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SECOND = 1

# rule, the reading, a value at which the rule fires, for how many minutes the value counts
COUNTS_FOR = [
    ("breathing-before-infusion", "respiratory_rate", 25.0, 30),
    ("breathing-before-infusion", "respiratory_rate", 9.0, 30),
    ("heart-rate-before-dose", "heart_rate", 111.0, 30),
    ("heart-rate-before-dose", "heart_rate", 49.0, 30),
    ("pressure-high-before-ketamine", "systolic_pressure", 141.0, 30),
    ("pressure-high-before-ketamine", "diastolic_pressure", 91.0, 30),
    ("pressure-high-before-spray", "systolic_pressure", 141.0, 30),
    ("pressure-high-before-spray", "diastolic_pressure", 91.0, 30),
    ("pressure-severe-before-dose", "systolic_pressure", 180.0, 30),
    ("pressure-severe-before-dose", "diastolic_pressure", 110.0, 30),
    ("saturation-before-dose", "oxygen_saturation", 94.0, 30),
    ("new-suicidal-thoughts", "new_suicidal_thoughts", True, 12 * 60),
    ("breathing-slow", "respiratory_rate", 9.0, 20),
    ("breathing-very-slow", "respiratory_rate", 7.0, 20),
    ("distress-high", "distress_rating", 7.0, 20),
    ("heart-rate-fast", "heart_rate", 121.0, 20),
    ("heart-rate-slow", "heart_rate", 49.0, 20),
    ("heart-rate-very-fast", "heart_rate", 141.0, 20),
    ("pressure-raised", "systolic_pressure", 160.0, 20),
    ("pressure-raised", "diastolic_pressure", 100.0, 20),
    ("pressure-very-high", "systolic_pressure", 180.0, 20),
    ("pressure-very-high", "diastolic_pressure", 110.0, 20),
    ("saturation-low", "oxygen_saturation", 92.0, 20),
    ("saturation-very-low", "oxygen_saturation", 89.0, 20),
    ("pressure-at-discharge", "systolic_pressure", 160.0, 30),
    ("pressure-at-discharge", "diastolic_pressure", 100.0, 30),
    ("saturation-at-discharge", "oxygen_saturation", 93.0, 30),
    ("suicidal-thoughts-at-discharge", "new_suicidal_thoughts", True, 60),
]


def state(knowledge, rule, fact, value, seconds_ago):
    said = Statement(fact, value, NOW - dt.timedelta(seconds=seconds_ago), "device")
    finding = judge(knowledge.rules[rule], Facts([said], knowledge, NOW))
    return finding.state if finding else "silent"


@pytest.mark.parametrize(("rule", "fact", "value", "minutes"), COUNTS_FOR)
def test_a_reading_counts_to_the_second_and_is_then_asked_for_again(knowledge, rule, fact, value, minutes):
    assert state(knowledge, rule, fact, value, minutes * 60) == "fires"
    assert state(knowledge, rule, fact, value, minutes * 60 + SECOND) == "unknown"


# alarm, how many seconds the reading must stand, priority
ALARMS = [
    ("breathing-slow", 0, "medium"),
    ("breathing-very-slow", 0, "high"),
    ("distress-high", 0, "medium"),
    ("heart-rate-fast", 60, "medium"),
    ("heart-rate-slow", 30, "medium"),
    ("heart-rate-very-fast", 15, "high"),
    ("pressure-raised", 0, "medium"),
    ("pressure-very-high", 0, "high"),
    ("pressure-rise-ketamine", 0, "medium"),
    ("pressure-rise-spray", 0, "medium"),
    ("saturation-low", 15, "medium"),
    ("saturation-very-low", 10, "high"),
    ("sedation-deep", 0, "medium"),
    ("sedation-very-deep", 0, "high"),
    ("agitated", 0, "medium"),
    ("breathing-fast", 0, "medium"),
    ("chest-pain", 0, "high"),
    ("dissociation-long", 0, "medium"),
    ("nausea-to-treat", 0, "low"),
    ("pressure-emergency", 0, "high"),
    ("very-agitated", 0, "high"),
    ("vomiting-while-sedated", 0, "high"),
]


@pytest.mark.parametrize(("rule", "seconds", "priority"), ALARMS)
def test_an_alarm_waits_as_long_as_it_was_meant_to(knowledge, rule, seconds, priority):
    alarm = knowledge.rules[rule].alarm
    assert duration_s(alarm.delay) == seconds
    assert alarm.priority == priority
