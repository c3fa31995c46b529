"""The limits that a reading is shown with are those at which an alarm is raised."""

from __future__ import annotations

import datetime as dt

import pytest

from serein.monitoring.limits import fresh_for_s, limits
from serein.pathway.session import monitoring_rules

AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("systolic_pressure", (None, 160.0)),
        ("heart_rate", (50.0, 120.0)),
        ("oxygen_saturation", (93.0, None)),
        ("nausea_rating", (None, 4.0)),
        ("body_temperature", (None, None)),
    ],
)
def test_the_tightest_limit_of_each_side_counts(knowledge, fact, expected):
    rules = monitoring_rules(knowledge, product="ketamine", route="intravenous", at=AT)
    assert limits(rules, fact) == expected


def test_a_reading_is_fresh_for_as_long_as_any_alarm_would_count_it(knowledge):
    rules = monitoring_rules(knowledge, product="ketamine", route="intravenous", at=AT)
    assert fresh_for_s(rules) == 20 * 60
    assert fresh_for_s(()) is None
