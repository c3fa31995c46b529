"""The modified Aldrete score and PADSS, and what the readings suggest for them."""

from __future__ import annotations

import datetime as dt

import pytest

from serein.errors import Refusal
from serein.logic import Facts, Statement
from serein.monitoring.recovery_score import PADSS, items, score, suggestions

NOW = dt.datetime(2026, 11, 22, 11, 0, tzinfo=dt.UTC)
ITEMS = ("activity", "respiration", "circulation", "consciousness", "saturation")


def test_five_items_of_two_make_ten(knowledge):
    assert tuple(i.key for i in items(knowledge)) == ITEMS
    assert all(len(i.levels) == 3 for i in items(knowledge))
    assert score(dict.fromkeys(ITEMS, 2), knowledge) == 10
    assert score(dict.fromkeys(ITEMS, 0), knowledge) == 0


@pytest.mark.parametrize("wrong", [{"activity": 3}, {"activity": -1}, {"dancing": 2}])
def test_a_level_or_an_item_that_does_not_exist_is_refused(wrong, knowledge):
    assert isinstance(score(dict.fromkeys(ITEMS, 2) | wrong, knowledge), Refusal)


def test_a_missing_item_is_refused_not_prorated(knowledge):
    assert isinstance(score(dict.fromkeys(ITEMS[:4], 2), knowledge), Refusal)


@pytest.mark.parametrize(
    ("systolic", "points"), [(120, 2), (143, 2), (144, 1), (179, 1), (180, 0), (97, 2), (96, 1), (60, 0)]
)
def test_circulation_is_suggested_from_the_pressure_before_the_dose(systolic, points, knowledge):
    facts = Facts(
        [
            Statement("systolic_pressure", float(systolic), NOW, "staff"),
            Statement("baseline_systolic_pressure", 120.0, NOW, "computed"),
        ],
        knowledge,
        NOW,
    )
    assert suggestions(facts) == {"circulation": points}


def test_saturation_is_suggested_only_where_the_reading_settles_it(knowledge):
    def of(value: float) -> dict[str, int]:
        return suggestions(Facts([Statement("oxygen_saturation", value, NOW, "staff")], knowledge, NOW))

    assert of(93.0) == {"saturation": 2}
    assert of(92.0) == {}


PADSS_ITEMS = ("vital_signs", "walking", "nausea", "pain", "bleeding")


def test_padss_is_scored_from_its_own_table_and_bleeding_starts_at_its_best(knowledge):
    assert tuple(i.key for i in items(knowledge, PADSS)) == PADSS_ITEMS
    assert score(dict.fromkeys(PADSS_ITEMS, 2), knowledge, PADSS) == 10
    assert score(dict.fromkeys(PADSS_ITEMS, 1), knowledge, PADSS) == 5
    assert {i.key: i.usual for i in items(knowledge, PADSS) if i.usual is not None} == {"bleeding": 2}
    assert isinstance(score(dict.fromkeys(ITEMS, 2), knowledge, PADSS), Refusal)


@pytest.mark.parametrize(
    ("systolic", "points"),
    [(100, 2), (119, 2), (120, 1), (140, 1), (141, 0), (81, 2), (80, 1), (60, 1), (59, 0)],
)
def test_padss_reads_the_pressure_against_before_the_dose(knowledge, systolic, points):
    readings = {"systolic_pressure": float(systolic), "baseline_systolic_pressure": 100.0}
    facts = Facts([Statement(k, v, NOW, "staff") for k, v in readings.items()], knowledge, NOW)
    assert suggestions(facts, PADSS)["vital_signs"] == points
