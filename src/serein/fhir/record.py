"""What is read from a bundle: the shapes that the chart, the screen and the import share."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from serein.logic import Statement

Sex = Literal["female", "male", "other"]


class Name(msgspec.Struct, frozen=True):
    family: str
    given: tuple[str, ...] = ()
    use: str = ""

    def __str__(self) -> str:
        return " ".join((*self.given, self.family)).strip()


class Identity(msgspec.Struct, frozen=True):
    """Whose record it is. `identifiers` are (system, value) as the record gives them."""

    names: tuple[Name, ...] = ()
    birth_date: dt.date | None = None
    sex: Sex | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    synthetic: bool = False
    """The record says that no real person is in it."""

    def __str__(self) -> str:
        name = str(self.names[0]) if self.names else "no name"
        return f"{name}, born {self.birth_date.isoformat() if self.birth_date else 'unknown'}"


class Problem(msgspec.Struct, frozen=True):
    """A condition as the record has it. `system` is the name people use, such as "SNOMED CT"."""

    id: str
    display: str
    system: str
    code: str
    status: str
    start: dt.datetime | None
    end: dt.datetime | None


class Medicine(msgspec.Struct, frozen=True):
    """A medicine as the record has it, ordered or stated."""

    id: str
    display: str
    system: str
    code: str
    status: str
    start: dt.datetime | None
    end: dt.datetime | None


class Allergy(msgspec.Struct, frozen=True):
    """An allergy or intolerance as the record has it."""

    id: str
    display: str
    system: str
    code: str
    status: str
    start: dt.datetime | None
    end: dt.datetime | None


class Count(msgspec.Struct, frozen=True):
    """What became of the entries of one kind: entries = understood + listed + set aside."""

    kind: str
    entries: int
    understood: int
    """At least one fact took them."""
    listed: int
    """No fact did: they stand in `not_understood`."""
    set_aside: int
    """Exact repetitions, and what says who, where and what it cost."""


class Coded(msgspec.Struct, frozen=True):
    """A code of the record's conditions, medicines, allergies, observations, procedures or devices."""

    kind: str
    system: str
    code: str
    display: str
    times: int
    active: bool
    """It stands on something current, final or done somewhere."""
    understood: bool
    """A fact took it somewhere."""


class Imported(msgspec.Struct, frozen=True):
    """One patient's record, read.

    `statements` carry source "record" and ids that stay the same when the same file is read again.
    `not_understood` are lines about every clinical entry that no fact took, and why, with how often, by kind.
    `understood` counts the entries that at least one fact took; `counts` accounts for all, kind by kind.
    """

    identity: Identity
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]
    medicines: tuple[Medicine, ...]
    allergies: tuple[Allergy, ...]
    last_entry: dt.datetime | None
    not_understood: tuple[str, ...]
    understood: int
    counts: tuple[Count, ...]
    codes: tuple[Coded, ...]
    sha256: str
