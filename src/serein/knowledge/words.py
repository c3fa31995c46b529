"""A rule's condition in plain English, made from its data: what a clinician reads instead of the file.

It is the source language of the knowledge (docs/decisions/0003); pages show it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serein import units
from serein.errors import Refusal
from serein.knowledge.types import Fact

JOINS = {"all": "all of these", "any": "at least one of these", "none": "none of these"}
SAID = {
    "at_least": "is {} or more",
    "above": "is above {}",
    "at_most": "is {} or less",
    "below": "is below {}",
    "is": "is {}",
    "includes": "includes {}",
}
UNITS = {
    "a": "years",
    "wk": "weeks",
    "d": "days",
    "{score}": "",
    "{count}": "",
    "Cel": "°C",
    "kg/m2": "kg/m²",
}
"""Unit codes as a reader knows them; any other is shown as it is written."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A condition in words: a sentence, or how its `parts` are joined ("all of these")."""

    text: str
    parts: tuple[Phrase, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """Indented lines, a part below what joins it."""
        yield "  " * depth + self.text
        for part in self.parts:
            yield from part.lines(depth + 1)

    def __str__(self) -> str:
        if not self.parts:
            return self.text
        return f"{self.text} ({'; '.join(map(str, self.parts))})"


def phrase(when: Mapping[str, Any], facts: Mapping[str, Fact]) -> Phrase:
    """The condition of a rule as its file writes it (`Rule.when`), in words."""
    for word, joined in JOINS.items():
        if word in when:
            return Phrase(joined, tuple(phrase(part, facts) for part in when[word]))
    return Phrase(_comparison(when, facts))


def _comparison(raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    name = asked(raw["fact"], facts)
    within = f", from the last {quantity(raw['taken_within'])}" if "taken_within" in raw else ""
    if "within" in raw:
        low, high = (quantity(written) for written in raw["within"])
        return f"{name} is {low} to {high}{within}"
    operator = next(o for o in SAID if o in raw)
    return f"{name} {SAID[operator].format(quantity(raw[operator]))}{within}"


def asked(key: str, facts: Mapping[str, Fact]) -> str:
    """A fact as staff are asked for it, as the subject of a sentence; its key if nobody knows it any more."""
    fact = facts.get(key)
    if fact is None:
        return key
    return f"“{fact.text.ask.removesuffix('?')}”" if fact.type == "flag" else fact.text.ask.removesuffix("?")


def quantity(written: Any) -> str:
    """A value as a file writes it ("7 d", 30, "yes") as a reader says it ("7 days", "30", "yes")."""
    text = str(written)
    number, _, unit = text.partition(" ")
    if unit in units.UNITS and not isinstance(units.number(number, "number"), Refusal):
        name = UNITS.get(unit, unit)
        name = name.removesuffix("s") if number == "1" and unit in {"a", "wk", "d"} else name
        return f"{number}{name}" if name == "%" else f"{number} {name}".rstrip()
    return text
