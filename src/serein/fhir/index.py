"""Codes and words -> the facts they may state, built once for a knowledge pack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from serein.fhir.elements import Concept
from serein.fhir.wording import names_it, stands_in
from serein.knowledge.types import Asking, Code, Fact, Knowledge


class Hit(msgspec.Struct, frozen=True):
    """How an entry points at one fact: by codes, by its words, or by both."""

    fact: Fact
    codes: tuple[Code, ...] = ()
    named: bool = False
    asked: str = ""
    """Why words of the entry raise the question without answering it; empty if none do."""
    asked_by: str = ""
    """Those words, as the fact has them."""

    @property
    def verified_yes(self) -> bool:
        return any(c.verified and c.means == "yes" for c in self.codes)


class Index:
    """The facts of a knowledge pack by code and by name."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.facts = knowledge.facts
        self._codes: dict[tuple[str, str], list[tuple[Fact, Code]]] = {}
        self._families: list[tuple[str, Fact, Code]] = []
        self._spoken: dict[str, list[tuple[str, Fact, Asking | None]]] = {}
        for fact in knowledge.facts.values():
            if fact.retired_on is None:
                self._add(fact)

    def _add(self, fact: Fact) -> None:
        for code in fact.codes:
            if code.family:
                self._families.append((_plain(code.code), fact, code))
            else:
                self._codes.setdefault((code.system, _key(code.system, code.code)), []).append((fact, code))
        for name in fact.names:
            self._spoken.setdefault(_words(name)[0], []).append((name, fact, None))
        for asking in fact.asks:
            for name in asking.names:
                self._spoken.setdefault(_words(name)[0], []).append((name, fact, asking))

    def find(self, concept: Concept, kinds: Sequence[str]) -> tuple[Hit, ...]:
        """Every fact recorded in one of these ways at which the concept points, in the order of their keys."""
        codes: dict[str, list[Code]] = {}
        for fact, code in self._coded(concept):
            if fact.recorded_as in kinds:
                codes.setdefault(fact.key, []).append(code)
        named, asked = self._named(concept, kinds)
        return tuple(
            Hit(self.facts[key], tuple(codes.get(key, ())), key in named, *asked.get(key, ()))
            for key in sorted({*codes, *named, *asked})
        )

    def _named(self, concept: Concept, kinds: Sequence[str]) -> tuple[set[str], dict[str, tuple[str, str]]]:
        """The facts that the words name, and those whose question they raise: why, and by which words."""
        lowered = [t.lower() for t in concept.texts]
        named: set[str] = set()
        asked: dict[str, tuple[str, str]] = {}
        for first in {word for text in lowered for word in _words(text)} & self._spoken.keys():
            for name, fact, asking in self._spoken[first]:
                if fact.recorded_as not in kinds or not any(names_it(name, text) for text in lowered):
                    continue
                if any(stands_in(word, text) for word in fact.excludes for text in lowered):
                    continue
                if asking is None:
                    named.add(fact.key)
                elif fact.key not in asked or _tells_more(name, asked[fact.key][1]):
                    asked[fact.key] = (asking.note, name)
        return named, asked

    def _coded(self, concept: Concept) -> Iterable[tuple[Fact, Code]]:
        for coding in concept.codings:
            exact = self._codes.get((coding.system, _key(coding.system, coding.code)), [])
            yield from exact
            if coding.system == "icd10cm":
                yield from self._above(_plain(coding.code), {fact.key for fact, _ in exact})

    def _above(self, written: str, done: set[str]) -> Iterable[tuple[Fact, Code]]:
        """For each fact not yet found, its nearest family above the code: I69.1 says more than I69."""
        nearest: dict[str, tuple[str, Fact, Code]] = {}
        for stem, fact, code in self._families:
            if fact.key not in done and written.startswith(stem):
                before = nearest.get(fact.key)
                if before is None or len(stem) > len(before[0]):
                    nearest[fact.key] = (stem, fact, code)
        return [(fact, code) for _, fact, code in nearest.values()]


_LATEST: list[tuple[str, Index]] = []


def index_of(knowledge: Knowledge) -> Index:
    """The index of a pack. That of the pack used last is kept: packs change seldom, records come often."""
    if not _LATEST or _LATEST[0][0] != knowledge.hash:
        _LATEST[:] = [(knowledge.hash, Index(knowledge))]
    return _LATEST[0][1]


def _tells_more(name: str, other: str) -> bool:
    return (len(name), name) > (len(other), other)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _key(system: str, code: str) -> str:
    return _plain(code) if system == "icd10cm" else code


def _plain(code: str) -> str:
    """An ICD code without its dot, which some records leave out."""
    return code.replace(".", "").upper()
