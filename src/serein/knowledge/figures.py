"""Numbers by reference: what a page says is taken from evidence or from the programme's own data, never typed.

`{evidence:KEY.RESULT}` is a result's value; `.low`, `.high` and `.versus` are its others; `{evidence:KEY.n}` is how
many people a study had. `{route:nasal.minimum_observation|h}` is a quantity of the pack in the unit after the bar;
`{~evidence:KEY.RESULT}` shows it rounded to a whole number. `{rule:KEY.FACT}` is the number that a rule compares a fact with, in the fact's unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from serein import units
from serein.errors import Refusal
from serein.knowledge.types import Compare, Condition, Evidence, Knowledge

REFERENCE = re.compile(
    r"(?P<about>~?)(?P<kind>[a-z]+):(?P<key>[a-z0-9-]+)\.(?P<path>[a-z0-9_.]+)(?:\|(?P<unit>[A-Za-z/%]+))?$"
)
FOLDERS = {"route": "routes", "product": "products", "protocol": "protocols", "instrument": "instruments"}
MINUS, THIN_SPACE = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"


class Figure(msgspec.Struct, frozen=True):
    """A number with its origin. `source` is the evidence behind it, `says` what it counts there."""

    reference: str
    value: float
    source: str
    says: str
    whole: bool = False
    """Shown rounded to a whole number."""
    own_rule: bool = False
    """A number of this programme itself, for which the source gives the ground."""

    @property
    def shown(self) -> str:
        """Digits as a page shows them: no trailing zero, a leading one, thousands apart from five digits on."""
        value = round(self.value) if self.whole else self.value
        text = f"{value:,.0f}" if abs(value) >= 10_000 else units.show(value)
        return text.replace(",", THIN_SPACE).replace("-", MINUS)


def figure(reference: str, knowledge: Knowledge) -> Figure | str:
    """The number that a reference names, or in a sentence why there is none."""
    match = REFERENCE.match(reference)
    if match is None:
        return f'"{reference}" is not a reference such as evidence:KEY.RESULT'
    kind, key, path, unit = match["kind"], match["key"], match["path"], match["unit"]
    if kind == "evidence":
        source = knowledge.evidence.get(key)
        found = _of_source(reference, source, path) if source else f'no source "{key}" in evidence/'
        return (
            msgspec.structs.replace(found, whole=bool(match["about"])) if isinstance(found, Figure) else found
        )
    if kind == "rule":
        return _of_rule(reference, key, path, knowledge)
    if kind in FOLDERS:
        return _of_object(reference, getattr(knowledge, FOLDERS[kind]).get(key), path, unit)
    return f'"{kind}" is none of evidence, rule, {", ".join(FOLDERS)}'


def _of_source(reference: str, source: Evidence, path: str) -> Figure | str:
    if path == "n":
        if source.n is None:
            return f'"{source.key}" does not say how many people it had'
        return Figure(reference, source.n, source.key, source.population)
    name, _, part = path.partition(".")
    result = source.results.get(name)
    if result is None:
        return f'"{source.key}" has no result "{name}"'
    if part not in {"", "low", "high", "versus"}:
        return f'a result has no "{part}"'
    value = getattr(result, part or "value")
    if value is None:
        return f'the result "{name}" of "{source.key}" has no "{part}"'
    return Figure(reference, value, source.key, result.outcome)


def _of_rule(reference: str, key: str, fact: str, knowledge: Knowledge) -> Figure | str:
    rule = knowledge.rules.get(key)
    if rule is None:
        return f'no rule "{key}"'
    numbers = {c.value for c in _comparisons(rule.condition) if c.fact == fact and isinstance(c.value, float)}
    if len(numbers) != 1:
        return f'the rule "{key}" compares "{fact}" with {len(numbers)} numbers, not one'
    if not rule.evidence:
        return f'the rule "{key}" cites no source'
    return Figure(reference, numbers.pop(), rule.evidence[0], rule.text.title, own_rule=True)


def _comparisons(condition: Condition) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
        return
    for part in condition.of:
        yield from _comparisons(part)


def _of_object(reference: str, found: object, path: str, unit: str | None) -> Figure | str:
    if found is None:
        return f'nothing has the key of "{reference}"'
    value: object = found
    for name in path.split("."):
        value = getattr(value, name, None)
    if isinstance(value, str):
        if unit not in units.UNITS:
            return f'"{reference}" needs a unit to be told in, such as |min'
        quantity = units.parse(value, path, unit)
        if isinstance(quantity, Refusal):
            return str(quantity)
        value = float(quantity.to(unit))
    if not isinstance(value, int | float):
        return f'"{reference}" is not a number'
    evidence: tuple[str, ...] = getattr(found, "evidence", ())
    if not evidence:
        return f'"{reference}" rests on no source'
    return Figure(reference, value, evidence[0], path.replace("_", " "), own_rule=True)
