"""What procedures, devices and words that only ask come to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from serein.errors import KnowledgeError
from serein.fhir import Imported, read_bundle
from serein.knowledge.load import build, parse_toml
from serein.knowledge.types import Knowledge, Pack
from serein.logic import Facts, Known
from tests import bundles as b

AT = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
FACTS = """
[aneurysm_ever]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "condition"
names = ["cerebral aneurysm"]
asks = [{ names = ["aneurysm"], note = "its vessel not recorded: unknown" }]
text = { ask = "Aneurysm" }

[lung_disease]
type = "flag"
stage = "screening"
recorded_as = "condition"
codes = [{ system = "snomed", code = "700" }]
names = ["emphysema"]
excludes = ["subcutaneous"]
text = { ask = "Lung disease" }

[head_pressure]
type = "flag"
stage = "screening"
recorded_as = "condition"
codes = [{ system = "snomed", code = "800", means = "ask", note = "pressure not recorded: unknown" }]
asks = [{ names = ["shunt"], note = "a shunt is there: unknown" }]
text = { ask = "Pressure in the head" }

[transplant_ever]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "procedure"
names = ["transplant"]
text = { ask = "Transplant" }
"""


def pack(text: str = FACTS, **more: str) -> Knowledge:
    """A pack of these facts, and of these other files."""
    files = {"facts/f.toml": text, **{name.replace("__", "/") + ".toml": body for name, body in more.items()}}
    return build(Pack({name: parse_toml(name, body) for name, body in files.items()}), files)


KNOWN = pack()


def read(*resources: dict[str, Any]) -> Imported:
    result = read_bundle(b.as_bytes(b.bundle(*resources)), KNOWN, at=AT)
    assert isinstance(result, Imported), result
    return result


def value(fact: str, *resources: dict[str, Any]) -> Any:
    resolved = Facts(read(*resources).statements, KNOWN, AT)[fact]
    return resolved.value if isinstance(resolved, Known) else resolved.why


@pytest.mark.parametrize(
    "words",
    ["Clipping of cerebral aneurysm", "Coiling of cerebral aneurysm (procedure)", "Cerebral aneurysm repair"],
)
def test_a_procedure_that_treats_what_it_names_says_that_it_was_there(words: str) -> None:
    assert value("aneurysm_ever", b.procedure("1", words)) is True


def test_a_procedure_that_only_names_a_condition_raises_the_question() -> None:
    assert value("aneurysm_ever", b.procedure("1", "Angiography, cerebral aneurysm")) == "asked"


def test_an_appendectomy_tells_nothing_of_any_of_these_and_is_listed() -> None:
    found = read(b.procedure("80146002", "Appendectomy"))
    assert {s.fact for s in found.statements} == {"birth_date", "sex"} & set(KNOWN.facts)
    assert "Procedure: Appendectomy (SNOMED CT 80146002), completed" in found.not_understood


def test_a_screening_for_a_condition_is_no_answer_and_no_question() -> None:
    assert value("aneurysm_ever", b.procedure("1", "Screening for cerebral aneurysm")) == "never stated"


@pytest.mark.parametrize("status", ["stopped", "on-hold", "unknown", ""])
def test_a_procedure_that_was_not_finished_only_asks(status: str) -> None:
    assert value("aneurysm_ever", b.procedure("1", "Clipping of cerebral aneurysm", status=status)) == "asked"


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation"])
def test_a_procedure_that_was_not_done_says_nothing(status: str) -> None:
    undone = b.procedure("1", "Clipping of cerebral aneurysm", status=status)
    assert value("aneurysm_ever", undone) == "never stated"


@pytest.mark.parametrize("code", ["700", "1"])
def test_a_procedure_tells_that_a_condition_was_not_that_it_is(code: str) -> None:
    """Neither its verified code nor its words say how the lungs are now."""
    assert value("lung_disease", b.procedure(code, "Resection of emphysema")) == "asked"


def test_a_procedure_about_itself_still_answers() -> None:
    assert value("transplant_ever", b.procedure("1", "Kidney transplant")) is True


def test_a_device_only_raises_questions_by_its_type_or_its_name() -> None:
    shunt = b.device("1", "Ventriculoperitoneal shunt")
    assert value("head_pressure", shunt) == "asked"
    named = b.device("1", "Implant", deviceName=[{"name": "Shunt, model 7", "type": "user-friendly-name"}])
    assert value("head_pressure", named) == "asked"
    assert value("aneurysm_ever", b.device("1", "Cerebral aneurysm clip")) == "asked"


@pytest.mark.parametrize("change", [{"status": "entered-in-error"}, {"patient": None}, {"type": None}])
def test_a_device_that_is_nobodys_or_an_error_is_listed(change: dict[str, Any]) -> None:
    found = read(b.device("1", "Ventriculoperitoneal shunt") | change)
    assert not [s for s in found.statements if s.fact == "head_pressure"]
    assert any(line.startswith("Device: ") for line in found.not_understood)


def test_words_that_only_ask_raise_the_question_and_a_name_beside_them_answers_it() -> None:
    assert value("aneurysm_ever", b.condition("1", "Aneurysm of unspecified site")) == "asked"
    assert value("aneurysm_ever", b.condition("1", "Cerebral aneurysm, nonruptured")) is True


@pytest.mark.parametrize(
    "words", ["No aneurysm", "Family history of aneurysm", "Aneurysm ruled out", "Screening for aneurysm"]
)
def test_words_that_only_ask_do_not_ask_where_they_are_denied_or_about_another(words: str) -> None:
    found = read(b.condition("1", words))
    assert "aneurysm_ever" not in {s.fact for s in found.statements}
    assert any(words in line for line in found.not_understood)


def test_a_past_condition_asks_for_what_holds_ever_and_not_for_now() -> None:
    past = {"status": "resolved", "end": "2019-01-01T00:00:00Z"}
    assert value("aneurysm_ever", b.condition("1", "Aneurysm", **past)) == "asked"
    assert value("head_pressure", b.condition("1", "Shunt malfunction", **past)) == "never stated"


def test_an_excluded_word_silences_names_and_asking_words_alike() -> None:
    assert value("lung_disease", b.condition("1", "Subcutaneous emphysema")) == "never stated"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('["shunt"]>["Shunt"]', "lower case"),
        ('["shunt"]>["-"]', "no letter"),
        ('code = "700"> code = "700", family = true', "only ICD-10-CM"),
    ],
)
def test_words_and_code_families_that_cannot_be_matched_are_refused_at_load(
    change: str, problem: str
) -> None:
    before, after = change.split(">")
    with pytest.raises(KnowledgeError, match=problem):
        pack(FACTS.replace(before, after))


@pytest.mark.parametrize("words", ["Non-ST cerebral aneurysm", "Non-small cerebral aneurysm"])
def test_a_name_that_begins_with_non_is_no_denial(words: str) -> None:
    assert value("aneurysm_ever", b.condition("1", words)) is True


def test_a_name_right_after_non_is_denied() -> None:
    assert value("lung_disease", b.condition("1", "Non-emphysema cough")) == "never stated"


def test_words_that_the_knowledge_itself_asks_by_are_a_question_even_where_they_speak_of_a_risk() -> None:
    risky = pack(FACTS.replace('["aneurysm"]', '["aneurysm", "at risk of aneurysm"]'))
    found = read_bundle(b.as_bytes(b.bundle(b.condition("1", "At risk of aneurysm"))), risky, at=AT)
    assert isinstance(found, Imported)
    assert [s.value for s in found.statements if s.fact == "aneurysm_ever"] == [None]
    assert value("aneurysm_ever", b.condition("1", "At risk of aneurysm")) == "never stated"


def test_words_that_ask_about_the_codes_own_fact_do_not_disagree_with_it() -> None:
    """The code says aneurysm, the words only ask about one and name another disease: both are so."""
    coded = pack(
        FACTS.replace(
            'names = ["cerebral', 'codes = [{ system = "snomed", code = "900" }]\nnames = ["cerebral'
        )
    )
    both = b.condition("900", "Aneurysm beside emphysema")
    found = read_bundle(b.as_bytes(b.bundle(both)), coded, at=AT)
    assert isinstance(found, Imported)
    assert {s.fact: s.value for s in found.statements} == {"aneurysm_ever": True, "lung_disease": True}
