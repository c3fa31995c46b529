"""Instrument files that must not load, and the published words of other languages."""

from __future__ import annotations

import pytest

from serein.errors import KnowledgeError, Refusal
from serein.instruments.words import as_spoken, in_language
from serein.knowledge.load import build, pack_files, parse_toml
from serein.knowledge.types import Pack


def loaded(file: str, old: str, new: str):
    """The real pack with one change in one file."""
    texts = pack_files()
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)
    return build(Pack({name: parse_toml(name, text) for name, text in texts.items()}), texts)


HAMA, PHQ_ES = "instruments/ham-a.toml", "text/es/instruments/phq-9.toml"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (HAMA, "low = 15", "low = 16", "gap or overlap"),
        (HAMA, "low = 15", "low = 14", "gap or overlap"),
        (HAMA, "high = 56", "high = 55", "bands must end at 56"),
        (HAMA, 'name = "severe"', 'name = "mild"', "own name"),
        (HAMA, "response_percent = 50\n", "", "says in text.not_computed why not"),
        (HAMA, "caseness_at_least = 8", 'caseness_at_least = 8\nfact = "nothing"', "unknown fact"),
        (HAMA, "[basis]", '[basis]\nremission = "trial"', "does not have"),
        (PHQ_ES, "Casi todos los días", 'Casi todos", "los días', "as many answers"),
        (PHQ_ES, 'key = "phq-9"', 'key = "phq-8"', "file's name"),
        ("instruments/self-ratings.toml", '"72 h"', '"72"', "unit"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_file_and_line(file, old, new, problem):
    with pytest.raises(KnowledgeError, match=problem) as raised:
        loaded(file, old, new)
    assert raised.value.file == file
    assert raised.value.line is not None


def test_published_words_change_no_hash_and_no_score(knowledge):
    assert loaded(PHQ_ES, "Varios días", "Algunos días").hash == knowledge.hash


def test_an_instrument_is_asked_in_a_language_only_if_it_is_published_in_it(knowledge):
    phq9, gad7 = knowledge.instruments["phq-9"], knowledge.instruments["gad-7"]
    spoken, language = as_spoken(phq9, knowledge, "es-mx")
    assert (language, spoken.answers[3].text, spoken.items[0].loinc) == (
        "es",
        "Casi todos los días",
        "44250-9",
    )
    assert spoken.items[0].text != phq9.items[0].text
    assert as_spoken(gad7, knowledge, "es") == (gad7, "en")
    assert isinstance(in_language(gad7, knowledge, "es"), Refusal)


def test_only_instruments_that_may_be_shipped_have_their_wording_here(knowledge):
    with_items = {key for key, one in knowledge.instruments.items() if one.items}
    assert with_items == {"gad-7", "phq-9", "pcl-5", "self-ratings"}


def test_the_level_of_suicide_risk_is_a_fact_that_lapses_within_a_day(knowledge):
    fact = knowledge.facts[knowledge.instruments["c-ssrs"].fact]
    assert fact.plausible == (0, 6)
    assert fact.validity_s == 24 * 3600
