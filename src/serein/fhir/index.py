"""Codes and words -> the facts they may state, built once from the knowledge."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from serein.fhir.elements import Concept
from serein.fhir.wording import names_it, stands_in
from serein.knowledge.types import Code, Fact, Knowledge


class Hit(msgspec.Struct, frozen=True):
    """How an entry points at one fact: by codes, by its words, or by both."""

    fact: Fact
    codes: tuple[Code, ...] = ()
    named: bool = False

    @property
    def verified_yes(self) -> bool:
        return any(c.verified and c.means == "yes" for c in self.codes)


class Index:
    """The facts of a knowledge pack by code and by name."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.facts = knowledge.facts
        self._codes: dict[tuple[str, str], list[tuple[Fact, Code]]] = {}
        self._families: list[tuple[str, Fact, Code]] = []
        self._named: dict[str, list[Fact]] = {}
        self._found: dict[tuple[Concept, tuple[str, ...]], tuple[Hit, ...]] = {}
        for fact in knowledge.facts.values():
            if fact.retired_on is None:
                self._add(fact)

    def _add(self, fact: Fact) -> None:
        for code in fact.codes:
            if code.family:
                self._families.append((_plain(code.code), fact, code))
            else:
                self._codes.setdefault((code.system, _key(code.system, code.code)), []).append((fact, code))
        if fact.names:
            self._named.setdefault(fact.recorded_as, []).append(fact)

    def find(self, concept: Concept, recorded_as: Iterable[str]) -> tuple[Hit, ...]:
        """Every fact recorded in one of these ways at which the concept points, in the order of their keys."""
        kinds = tuple(recorded_as)
        if (concept, kinds) not in self._found:
            self._found[concept, kinds] = self._find(concept, kinds)
        return self._found[concept, kinds]

    def _find(self, concept: Concept, kinds: tuple[str, ...]) -> tuple[Hit, ...]:
        codes: dict[str, list[Code]] = {}
        for fact, code in self._coded(concept):
            if fact.recorded_as in kinds:
                codes.setdefault(fact.key, []).append(code)
        named = {f.key for kind in kinds for f in self._named.get(kind, ()) if _is_named(f, concept)}
        return tuple(
            Hit(self.facts[key], tuple(codes.get(key, ())), key in named) for key in sorted({*codes, *named})
        )

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


def _is_named(fact: Fact, concept: Concept) -> bool:
    lowered = [t.lower() for t in concept.texts]
    if any(stands_in(word, text) for word in fact.excludes for text in lowered):
        return False
    return any(names_it(name, text) for name in fact.names for text in lowered)


def _key(system: str, code: str) -> str:
    return _plain(code) if system == "icd10cm" else code


def _plain(code: str) -> str:
    """An ICD code without its dot, which some records leave out."""
    return code.replace(".", "").upper()
