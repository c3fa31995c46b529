"""From scores to a way: which score is the baseline, and what may be said of the change."""

from __future__ import annotations

import datetime as dt

from serein.instruments import Scored
from serein.instruments.change import NotComputable
from serein.logic.truth import Truth
from serein.pathway.outcomes import review_choices, trajectory

START = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


def day(n):
    return START + dt.timedelta(days=n)


def way(knowledge, totals, first_dose=None):
    scores = [Scored(total, day(n)) for n, total in totals]
    return trajectory(knowledge.instruments["gad-7"], scores, None if first_dose is None else day(first_dose))


def test_the_baseline_is_the_last_total_before_the_first_dose(knowledge):
    found = way(knowledge, [(0, 12), (5, 17), (6, None), (20, 8)], first_dose=7)
    assert (found.baseline.total, found.baseline_before_dose) == (17, True)
    assert found.change.points == -9
    assert found.direction == "down"
    assert found.change.response.answer is Truth.TRUE


def test_without_a_score_before_the_dose_the_first_one_after_it_stands_in_and_says_so(knowledge):
    found = way(knowledge, [(8, 17), (20, 16)], first_dose=7)
    assert (found.baseline.total, found.baseline_before_dose) == (17, False)
    assert found.direction == "steady"


def test_before_any_dose_there_is_no_outcome(knowledge):
    found = way(knowledge, [(0, 17), (5, 8)])
    assert found.baseline.total == 8
    assert found.change is None
    assert found.direction == "unknown"


def test_a_rise_beyond_measurement_error_is_up(knowledge):
    assert way(knowledge, [(0, 8), (20, 17)], first_dose=7).direction == "up"


def test_a_latest_score_without_a_total_is_not_computed_from_an_older_one(knowledge):
    found = way(knowledge, [(0, 17), (10, 5), (20, None)], first_dose=7)
    assert found.direction == "unknown"
    assert found.change.response.why_not is NotComputable.NO_LATER_TOTAL


def test_no_scores_are_no_outcome(knowledge):
    found = way(knowledge, [], first_dose=7)
    assert (found.scores, found.baseline, found.change) == ((), None, None)


def test_a_total_that_cannot_be_is_refused_and_not_drawn_as_change(knowledge):
    found = way(knowledge, [(0, 99), (20, 8)], first_dose=7)
    assert found.refused is not None
    assert found.change is None


def test_a_review_is_offered_where_the_journey_allows_it_and_never_over_a_person_in_the_chair():
    assert review_choices("outcomes") == ("follow-on", "new-plan", "end")
    assert review_choices("followup") == ("new-plan", "end")
    assert review_choices("session") == review_choices("recovery") == ()
    assert review_choices("ended") == ()
