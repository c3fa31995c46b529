"""Questionnaires and their responses are FHIR R4 (fhir.resources, R4B, is the judge), and come back as they went."""

from __future__ import annotations

import copy
import datetime as dt

import msgspec
import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.fhir.questionnaire import answers_in, canonical, questionnaire, response
from serein.instruments import Answers, parse_answers, parse_total

AT = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
STATUS = {"draft", "active", "retired", "unknown"}  # a required binding that the judge leaves out


def every(knowledge):
    return knowledge.instruments.values()


def test_every_instrument_is_a_valid_questionnaire_with_one_item_for_each_question(knowledge):
    for instrument in every(knowledge):
        found = questionnaire(instrument, knowledge)
        Questionnaire.model_validate(found)
        assert found["status"] in STATUS
        assert found["copyright"] == instrument.licence
        assert len(found["item"]) == len(instrument.items) or len(found["item"]) == 1 + len(instrument.parts)


def test_no_code_stands_that_the_instruments_file_does_not_have(knowledge):
    for instrument in every(knowledge):
        text = msgspec.json.encode(questionnaire(instrument, knowledge)).decode()
        known = [instrument.loinc_panel, instrument.loinc_total, *(i.loinc for i in instrument.items)]
        known += [option.loinc for option in instrument.answers]
        assert ("http://loinc.org" in text) == any(known)


def test_the_wording_of_others_is_in_no_questionnaire(knowledge):
    for instrument in every(knowledge):
        if instrument.score_only:
            asked = questionnaire(instrument, knowledge)["item"]
            assert [one["type"] for one in asked] == ["integer"] * len(asked)


def test_a_published_translation_is_a_questionnaire_in_its_language_and_no_other_is_made_up(knowledge):
    found = questionnaire(knowledge.instruments["phq-9"], knowledge, "es")
    Questionnaire.model_validate(found)
    assert (found["language"], found["item"][0]["text"]) == ("es", "Poco interés o placer en hacer cosas")
    assert isinstance(questionnaire(knowledge.instruments["gad-7"], knowledge, "es"), Refusal)


@settings(max_examples=40)
@given(st.data())
def test_answers_go_out_as_a_valid_response_and_come_back_the_same(knowledge, data):
    instrument = data.draw(st.sampled_from([one for one in every(knowledge) if one.items]))
    values = [None, *(option.value for option in instrument.answers)]
    given_ = tuple(data.draw(st.sampled_from(values)) for _ in instrument.items)
    answers = Answers(instrument.key, given_)
    found = response(instrument, answers, AT, "Patient/1")
    QuestionnaireResponse.model_validate(found)
    came = answers_in(found, instrument)
    if any(value is not None for value in given_):
        assert came == answers
    else:
        assert came.reason is Reason.MISSING


def test_a_total_and_its_sub_scores_go_out_and_come_back(knowledge):
    lsas = knowledge.instruments["lsas-sr"]
    answers = parse_total(lsas, "70", {"fear": "40", "avoidance": "30"})
    found = response(lsas, answers, AT)
    QuestionnaireResponse.model_validate(found)
    assert answers_in(found, lsas) == answers


@pytest.fixture
def gad7(knowledge):
    return knowledge.instruments["gad-7"]


@pytest.fixture
def sent(gad7):
    return response(gad7, parse_answers(gad7, list("1230121")), AT)


def test_a_response_of_another_system_is_read_by_loinc_in_groups_with_any_of_three_kinds_of_answer(gad7):
    kinds = [
        {"valueCoding": {"system": "http://loinc.org", "code": "LA6570-1"}},
        {"valueInteger": 3},
        {
            "valueCoding": {
                "code": "x",
                "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1}
                ],
            }
        },
    ]
    links = [f"/{gad7.items[n].loinc}" for n in range(3)]
    inner = [{"linkId": link, "answer": [kind]} for link, kind in zip(links, kinds, strict=True)]
    given_ = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "http://elsewhere.example/Questionnaire/gad",
        "item": [{"linkId": "all", "item": inner}],
    }
    assert answers_in(given_, gad7).values == (2, 3, 1, None, None, None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resourceType": "Questionnaire"}, Reason.NOT_FHIR),
        ({"status": "in-progress"}, Reason.NOT_A_CHOICE),
        ({"questionnaire": "https://serein.example/fhir/Questionnaire/phq-9"}, Reason.MISMATCH),
        ({"item": []}, Reason.MISSING),
        ({"item": [{"linkId": "gad-7.1", "answer": [{"valueInteger": 4}]}]}, Reason.NOT_A_CHOICE),
        ({"item": [{"linkId": "gad-7.1", "answer": [{"valueInteger": 1.5}]}]}, Reason.NOT_A_CHOICE),
        ({"item": [{"linkId": "gad-7.1", "answer": [{"valueString": "often"}]}]}, Reason.NOT_A_CHOICE),
        (
            {"item": [{"linkId": "gad-7.1", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}]},
            Reason.DUPLICATE,
        ),
    ],
    ids=str,
)
def test_a_response_that_does_not_fit_is_refused_with_its_reason(gad7, sent, change, reason):
    assert answers_in(sent | change, gad7).reason is reason


def test_an_item_answered_under_both_of_its_names_is_refused(gad7, sent):
    twice = copy.deepcopy(sent)
    twice["item"].append({"linkId": gad7.items[0].loinc, "answer": [{"valueInteger": 0}]})
    assert answers_in(twice, gad7).reason is Reason.DUPLICATE


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(json, st.sampled_from(["item", "status", "questionnaire", "resourceType"]))
def test_whatever_a_response_holds_it_is_read_or_refused_and_never_raises(knowledge, anything, where):
    instrument = knowledge.instruments["gad-7"]
    base = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": canonical(instrument),
        "item": [{"linkId": "gad-7.1", "answer": [anything], "item": anything}],
    }
    assert isinstance(answers_in(base | {where: anything}, instrument), Answers | Refusal)
    assert isinstance(answers_in(base, instrument), Answers | Refusal)
    assert isinstance(answers_in(anything, instrument), Answers | Refusal)
