"""What is known of a person at an instant: statements in, known or unknown out.

A statement is never changed. Which one counts follows from fixed rules, written here once:

1. a statement that another one supersedes is not used (a dispute, a correction);
2. one from the future of `at` is not used;
3. for a fact that holds "ever", a yes stands until it is superseded; a no beside it is a disagreement;
4. otherwise the latest counts; two of the same instant that differ are a disagreement;
5. a disagreement is unknown; so is a value whose validity has lapsed;
6. a statement with no value raises a question: nothing known from before it answers a no.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from serein.knowledge.types import Fact, Knowledge, Value

Source = Literal["record", "patient", "staff", "attestation", "dispute", "device", "computed"]


class Statement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody or something says this of a person: one fact, its value, when it held, and why we think so.

    `value` None says that the question was raised and not answered; `because` then says by what.
    """

    fact: str
    value: Value | None
    at: dt.datetime
    source: Source
    because: str = ""
    id: str = ""
    supersedes: tuple[str, ...] = ()


class Known(msgspec.Struct, frozen=True):
    """A fact with a value that counts at the instant asked about."""

    value: Value
    statements: tuple[Statement, ...]

    @property
    def at(self) -> dt.datetime:
        return self.statements[0].at


class Unknown(msgspec.Struct, frozen=True):
    """A fact without a value that counts, and why: never stated, asked, lapsed, or in disagreement."""

    why: Literal["never stated", "asked", "lapsed", "disagreement", "not computable"]
    statements: tuple[Statement, ...] = ()


Resolved = Known | Unknown


class Facts:
    """The facts of one person at one instant.

    `at` must carry a time zone. A statement about a fact that the knowledge does not have is a bug: the borders
    refuse it.
    """

    def __init__(self, statements: Iterable[Statement], knowledge: Knowledge, at: dt.datetime) -> None:
        self.knowledge, self.at = knowledge, at
        given = tuple(statements)
        gone = {i for s in given for i in s.supersedes}
        self._by_fact: dict[str, list[Statement]] = {}
        for statement in given:
            if statement.at <= at and not (statement.id and statement.id in gone):
                self._by_fact.setdefault(statement.fact, []).append(statement)
        self._resolved: dict[str, Resolved] = {}

    def __getitem__(self, key: str) -> Resolved:
        if key not in self._resolved:
            self._resolved[key] = self._resolve(self.knowledge.facts[key])
        return self._resolved[key]

    def known(self) -> Mapping[str, Known]:
        """Every stated fact that is known now."""
        return {k: r for k in sorted(self._by_fact) if isinstance(r := self[k], Known)}

    def stated(self, key: str) -> tuple[Statement, ...]:
        """Every usable statement about a fact, the latest first."""
        return tuple(sorted(self._by_fact.get(key, ()), key=lambda s: s.at, reverse=True))

    def age_s(self, known: Known) -> float:
        return (self.at - known.at).total_seconds()

    def _resolve(self, fact: Fact) -> Resolved:
        if fact.derived is not None:
            from serein.logic.derived import derive  # it reads facts in turn

            computed = derive(fact, self)
            if isinstance(computed, Known) or fact.key not in self._by_fact:
                return computed
        statements = self.stated(fact.key)
        if not statements:
            return Unknown("never stated")
        usable = tuple(s for s in statements if self._valid(fact, s))
        valued = tuple(s for s in usable if s.value is not None)
        if fact.span == "ever" and fact.type == "flag":
            decided = _ever(valued)
        else:
            decided = _latest(valued)
        return self._with_questions(decided, usable, statements)

    def _valid(self, fact: Fact, statement: Statement) -> bool:
        return fact.validity_s is None or (self.at - statement.at).total_seconds() <= fact.validity_s

    def _with_questions(
        self, decided: Resolved | None, usable: tuple[Statement, ...], statements: tuple[Statement, ...]
    ) -> Resolved:
        questions = tuple(s for s in usable if s.value is None)
        if decided is None:
            return Unknown("asked", questions) if questions else Unknown("lapsed", statements[:1])
        if isinstance(decided, Known) and decided.value is False:
            later = tuple(q for q in questions if q.at > decided.at)
            if later:
                return Unknown("asked", later)
        return decided


def _ever(valued: tuple[Statement, ...]) -> Resolved | None:
    yes = tuple(s for s in valued if s.value is True)
    no = tuple(s for s in valued if s.value is False)
    if yes and no:
        return Unknown("disagreement", (yes[0], no[0]))
    if yes:
        return Known(True, yes)
    return Known(False, no) if no else None


def _latest(valued: tuple[Statement, ...]) -> Resolved | None:
    if not valued:
        return None
    newest = tuple(s for s in valued if s.at == valued[0].at)
    if any(s.value != newest[0].value for s in newest):
        return Unknown("disagreement", newest)
    assert newest[0].value is not None
    return Known(newest[0].value, newest)
