"""The public pages: no typed number, no dead end, the same in both languages, easy to read, and no promise."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from scripts.readability import (
    english_syllables,
    reading,
    running_text,
    spanish_syllables,
    table,
)
from serein.errors import KnowledgeError
from serein.knowledge.figures import Figure, figure
from serein.knowledge.load import HERE
from serein.knowledge.markup import Link, Number, Words, blocks, line, plain
from serein.knowledge.pages import LANGUAGES, Library, load_pages


@pytest.fixture(scope="module")
def library(knowledge) -> Library:
    return load_pages(knowledge)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the pages to break."""
    shutil.copytree(HERE / "text", tmp_path / "text")
    return tmp_path


def change(copy: Path, name: str, old: str, new: str) -> None:
    path = copy / "text" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_every_number_is_a_result_of_the_source_that_it_opens(library, knowledge):
    figures = [f for pages in library.pages.values() for page in pages.values() for f in page.figures()]
    assert len(figures) > 200
    for found in figures:
        source = knowledge.evidence[found.source]
        numbers = [
            n
            for result in source.results.values()
            for n in (result.value, result.low, result.high, result.versus)
            if n is not None
        ]
        assert found.own_rule or found.value in [*numbers, source.n], found.reference


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("It passes.", "It passes in 9 of 10.", '"9" is typed'),
        ("It passes.", "It passes within six weeks.", '"six weeks" is typed'),
        ("It passes.", "It takes {evidence:nobody.knows} days.", 'no source "nobody"'),
        ("It passes.", "It takes {evidence:taylor-2018.luck} days.", 'no result "luck"'),
        ("It passes.", "See [here](page:nowhere).", "page:nowhere leads nowhere"),
        ("It passes.", "See [here](source:nobody).", "source:nobody leads nowhere"),
        ("It passes.", "See [here](page:claims#nothing).", 'no section "nothing"'),
        ("It passes.", "See [here](https:example).", "not to"),
        ("It passes.", "It passes, in {evidence:taylor-2018.followed} days.", "differs in numbers"),
        ("It passes.", "It passes: [how](page:claims).", "differs in links"),
        ("It passes.", "It passes.\n\nAnother paragraph.", "differs in structure"),
        ('title = "', 'subtitle = "x"\ntitle = "', "unknown field"),
    ],
)
def test_a_page_does_not_load_with(copy, knowledge, old, new, problem):
    change(copy, "en/pages/kinds-of-anxiety.toml", old, new)
    with pytest.raises(KnowledgeError, match=re.escape(problem)) as told:
        load_pages(knowledge, copy)
    assert "kinds-of-anxiety.toml:" in str(told.value)


def test_a_page_of_one_language_only_does_not_load(copy, knowledge):
    (copy / "text/es/pages/questions.toml").unlink()
    with pytest.raises(KnowledgeError, match=r"one language only: \['questions'\]"):
        load_pages(knowledge, copy)


def test_a_picture_refuses_a_number_that_is_no_share_of_100(copy, knowledge):
    reference = '"evidence:spravato-us-adverse-reactions.dizziness"'
    change(copy, "en/pages/side-effects.toml", reference, '"evidence:slee-2019.people"')
    with pytest.raises(KnowledgeError, match="so many of 100 people"):
        load_pages(knowledge, copy)


def test_a_number_of_the_programme_leads_to_the_source_it_rests_on(knowledge):
    found = figure("route:nasal.minimum_observation|h", knowledge)
    assert isinstance(found, Figure)
    assert (found.shown, found.own_rule) == ("2", True)
    assert found.source in knowledge.evidence


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("nonsense", "is not a reference"),
        ("weather:today.rain", "is none of evidence"),
        ("rule:no-such-rule.age", "no rule"),
        ("route:nasal.minimum_observation", "needs a unit"),
        ("route:nasal.text|min", "is not a number"),
        ("evidence:taylor-2018.response_rated.middle", 'has no "middle"'),
        ("evidence:taylor-2018.response_rated.low", 'has no "low"'),
    ],
)
def test_a_reference_that_names_no_number_is_told_in_a_sentence(knowledge, reference, problem):
    told = figure(reference, knowledge)
    assert isinstance(told, str)
    assert problem in told


@pytest.mark.parametrize(
    ("value", "whole", "shown"),
    [
        (0.3, False, "0.3"),
        (41.0, False, "41"),
        (-1.17, False, "−1.17"),
        (25441, False, "25\u202f441"),
        (62.9, True, "63"),
    ],
)
def test_numbers_are_shown_as_people_read_them(value, whole, shown):
    assert Figure("", value, "", "", whole=whole).shown == shown


def test_the_markup_knows_strong_words_links_numbers_and_lists():
    assert line("**Stop [now](term:trial):** {evidence:a.b}") == (
        Words("Stop ", True),
        Link("now", "term", "trial", "", True),
        Words(":", True),
        Words(" "),
        Number("evidence:a.b"),
    )
    assert [(b.kind, len(b.lines)) for b in blocks("One.\n\n- a\n- b\n\nTwo.")] == [
        ("paragraph", 1),
        ("list", 2),
        ("paragraph", 1),
    ]
    assert plain(line("a [b](page:c) d")) == "a b d"


def test_every_page_is_easy_enough_to_read(library):
    hard = [
        f"{r.page.language} {r.page.key}: {r.score:.1f}"
        for pages in library.pages.values()
        for r in (reading(page, library) for page in pages.values())
        if not r.easy_enough
    ]
    assert hard == []


def test_a_page_in_officialese_is_found_too_hard(copy, knowledge):
    heavy = (
        "Individuals experiencing considerable psychological deterioration notwithstanding multidisciplinary "
        "interventions necessitate comprehensive reevaluation of previously administered pharmacological modalities, "
        "particularly considering contraindications established throughout international regulatory documentation. "
    )
    change(copy, "en/pages/questions.toml", "You do not have to decide today.", heavy * 12)
    broken = load_pages(knowledge, copy)
    assert not reading(broken.pages["en"]["questions"], broken).easy_enough
    assert "too hard: en" in table(broken)


def test_a_term_counts_as_a_word_unless_the_page_links_to_it(copy, knowledge, library):
    before = reading(library.pages["en"]["questions"], library)
    for language, words in (("en", "You do not have to decide today."), ("es", "No tienes que decidir hoy.")):
        change(copy, f"{language}/pages/questions.toml", words, f"ketamine. {words}")
    after = load_pages(knowledge, copy)
    assert reading(after.pages["en"]["questions"], after).words == before.words + 1


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("fear", 1),
        ("anxiety", 4),
        ("medicine", 3),
        ("people", 2),
        ("behavioural", 4),
        ("step-by-step", 3),
        ("colours", 2),
    ],
)
def test_english_syllables_are_those_of_the_dictionary(word, count):
    assert english_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("sol", 1), ("ansiedad", 3), ("miedo", 2), ("día", 2), ("ciudad", 2), ("poeta", 3), ("guerra", 2),
        ("pingüino", 3), ("quien", 1), ("respiración", 4), ("hoy", 1), ("país", 2), ("oír", 2), ("muy", 1),
        ("queréis", 2), ("ahora", 3), ("leer", 2),
    ],
)  # fmt: skip
def test_spanish_syllables_are_those_of_the_spelling(word, count):
    assert spanish_syllables(word) == count


def test_no_page_promises_advertises_or_judges_who_is_suitable(library):
    never = re.compile(
        r"suitable|guarantee|miracle|breakthrough|revolution|life-changing|proven to|will help you|"
        r"adecuad|garantiza|milagro|revoluci|te curará|te ayudará|!|¡",
        re.IGNORECASE,
    )
    for pages in library.pages.values():
        for page in pages.values():
            said = [page.title, page.summary, *(s.heading for s in page.sections), *running_text(page)]
            assert [x for x in said if never.search(x)] == [], page.key


def test_every_term_is_linked_from_a_page_or_stands_for_others(library):
    linked = {link.key for page in library.pages["en"].values() for link in page.links() if link.to == "term"}
    unlinked = set(library.terms["en"]) - linked
    assert unlinked <= {"cystitis", "symptom"}


def test_the_pages_do_not_change_the_hash_of_the_pack(knowledge):
    assert not [name for name in knowledge.pack.files if name.startswith("text/") and "/pages/" in name]


def test_a_study_of_an_anxiety_disorder_says_how_it_was_done_and_how_sure_it_is(knowledge):
    studies = [
        e
        for e in knowledge.evidence.values()
        if e.kind in {"randomised trial", "open study", "cohort"} and e.disorders and e.results
    ]
    assert len(studies) >= 20
    for study in studies:
        assert study.n, study.key
        assert study.grade or study.kind == "cohort" or study.key == "williams-2018", study.key
        assert not study.grade or study.grade.how == "as published" or study.grade.basis == "assumption"


def test_both_languages_are_there():
    assert LANGUAGES == ("en", "es")
