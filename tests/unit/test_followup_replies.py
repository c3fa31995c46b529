"""What an answered questionnaire states, and what it sets off."""

from __future__ import annotations

import datetime as dt

import pytest

from serein.errors import Refusal
from serein.instruments import parse_answers, score
from serein.pathway import followup

AT = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def scored(knowledge, answers, instrument="phq-9"):
    asked = knowledge.instruments[instrument]
    return score(asked, parse_answers(asked, answers.split()))


def test_a_positive_safety_item_is_answered_with_help_and_a_task_that_blocks_the_next_dose(knowledge):
    reply = followup.answer_to("positive", knowledge)
    assert reply.told == "help-now"
    assert reply.task.asked
    assert reply.task.blocks_next_dose


def test_a_safety_item_left_out_is_asked_by_a_clinician_and_is_never_a_no(knowledge):
    reply = followup.answer_to("unknown", knowledge)
    assert reply.told == "clinic-will-ask"
    assert not reply.task.asked
    assert reply.task.blocks_next_dose
    assert followup.facts_of(scored(knowledge, "0 0 0 0 0 0 0 0 -"), knowledge) == {
        "phq9_total": 0.0,
        "phq9_self_harm": None,
    }


def test_a_positive_answer_is_due_sooner_than_one_left_out(knowledge):
    asked, left_out = (followup.answer_to(s, knowledge).task for s in ("positive", "unknown"))
    assert asked.within < left_out.within


def test_no_safety_concern_raises_no_task(knowledge):
    assert followup.answer_to("none", knowledge) == followup.Reply("thanks")


def test_the_worst_of_several_questionnaires_decides_the_reply():
    assert followup.worst(["none", "positive", "unknown"]) == "positive"
    assert followup.worst(["none", "unknown"]) == "unknown"
    assert followup.worst([]) == "none"


@pytest.mark.parametrize(("item", "stated"), [("0", False), ("1", True), ("3", True), ("-", None)])
def test_the_self_harm_fact_follows_item_nine(knowledge, item, stated):
    facts = followup.facts_of(scored(knowledge, f"1 1 1 1 1 1 1 1 {item}"), knowledge)
    assert facts["phq9_self_harm"] is stated


def test_a_score_without_a_total_states_no_total_but_still_its_safety(knowledge):
    assert followup.facts_of(scored(knowledge, "- - - - - - - - 2"), knowledge) == {"phq9_self_harm": True}


def test_gad_7_states_its_total_and_nothing_about_safety(knowledge):
    assert followup.facts_of(scored(knowledge, "1 1 1 1 1 1 1", "gad-7"), knowledge) == {"gad7_total": 7.0}


def test_unknown_questionnaires_and_none_at_all_are_refused(knowledge):
    assert isinstance(followup.asked_for(["gad-8"], knowledge), Refusal)
    assert isinstance(followup.asked_for([], knowledge), Refusal)
    assert [i.key for i in followup.asked_for(["phq-9", "gad-7", "phq-9"], knowledge)] == ["phq-9", "gad-7"]


def test_questionnaires_fall_due_after_a_dose_until_an_answer_follows(knowledge):
    first = followup.next_asking(AT, [], knowledge)
    assert first > AT
    second = followup.next_asking(AT, [first + DAY / 24], knowledge)
    assert second > first
    assert followup.next_asking(AT, [second + DAY / 24], knowledge) is None
    assert followup.next_asking(None, [], knowledge) is None


def test_every_instrument_and_fact_that_follow_up_names_is_known(knowledge):
    model = knowledge.models["followup"]
    assert set(model["instruments"]) <= set(knowledge.instruments)
    assert set(model["safety_facts"].values()) <= set(knowledge.facts)
    with_safety = {k for k, i in knowledge.instruments.items() if i.safety_item is not None}
    assert set(model["safety_facts"]) == with_safety


def due(knowledge, **answered):
    times = {key.replace("_", "-"): [AT + DAY * d for d in days] for key, days in answered.items()}
    return {key: (at - AT) / DAY for key, at in followup.due(AT, times, knowledge).items()}


def test_ratings_fall_due_at_24_and_72_hours_and_every_week_after_the_dose(knowledge):
    assert due(knowledge)["self-ratings"] == 1
    assert due(knowledge, self_ratings=[1.1])["self-ratings"] == 3
    assert due(knowledge, self_ratings=[1.1, 3.2])["self-ratings"] == 7
    assert due(knowledge, self_ratings=[7.5])["self-ratings"] == 14
    assert due(knowledge, self_ratings=[21])["self-ratings"] == 28


def test_each_questionnaire_has_its_own_plan_and_what_has_none_is_not_asked(knowledge):
    found = due(knowledge, gad_7=[1.5])
    assert (found["gad-7"], found["phq-9"]) == (7, 1)
    assert set(found) == {"gad-7", "phq-9", "self-ratings"}
    assert followup.due(None, {}, knowledge) == {}
    assert "gad-7" not in due(knowledge, gad_7=[8])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["", "", "", "", "", "", "", "", "1"], "positive"),
        (["3", "3", "3", "3", "3", "3", "3", "3", ""], "unknown"),
        (["-", "-", "-", "-", "-", "-", "-", "-", "0"], "none"),
        (["7"] * 9, "unknown"),
        ([], "unknown"),
    ],
)
def test_the_safety_item_is_read_in_answers_that_are_not_complete(knowledge, given, says):
    assert followup.safety_so_far(knowledge.instruments["phq-9"], given) == says


def test_of_answers_that_are_not_kept_only_a_positive_safety_item_is_heard(knowledge):
    assert followup.heard(["none", "positive"], knowledge) == followup.answer_to("positive", knowledge)
    assert followup.heard(["unknown", "none"], knowledge) is None
    assert followup.heard([], knowledge) is None
