"""The documents that come with Serein: honest about their sources, and plain."""

from __future__ import annotations

import re

import pytest

from serein_web.consent.packaged import packaged_documents

DOCUMENTS = packaged_documents()


def syllables(word: str) -> int:
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, found - (word.lower().endswith("e") and not word.lower().endswith("le") and found > 1))


def grade(text: str) -> float:
    """Flesch-Kincaid grade level (Kincaid 1975), with syllables counted by vowel groups."""
    sentences = len(re.findall(r"[.!?:;]+(?:\s|$)", text))
    words = re.findall(r"[A-Za-z]+", text)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_there_is_one_for_each_product():
    assert {d.product for d in DOCUMENTS} == {"ketamine", "esketamine"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.product)
def test_every_source_that_a_document_cites_is_known(document, knowledge):
    cited = {key for section in document.sections for key in section.evidence}
    assert cited
    assert cited <= set(knowledge.evidence)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.product)
def test_a_document_reads_at_grade_eight_or_below(document):
    assert grade(" ".join([*document.short, *(s.text for s in document.sections)])) <= 8


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.product)
def test_a_document_says_off_label_the_counts_and_the_right_to_stop(document):
    text = " ".join([*document.short, *(s.text for s in document.sections)])
    for words in (
        "off-label",
        "41 felt cut off",
        "on a dummy spray, 9" if document.product == "ketamine" else "on the dummy spray, 9",
        "stop at any time",
        "bladder",
        "until the next day",
    ):
        assert words.lower() in text.lower(), words
