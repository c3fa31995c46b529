"""The modified Aldrete score, its table read from knowledge (`models/modified-aldrete.toml`).

Source: Aldrete JA. J Clin Anesth 1995;7:89-91, as cited by the table's evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Knowledge
from serein.logic import Facts, Known

MODEL = "modified-aldrete"


class Item(msgspec.Struct, frozen=True):
    """One item: its key, title, and the words of 0, 1 and 2 points."""

    key: str
    title: str
    levels: tuple[str, ...]


def items(knowledge: Knowledge) -> tuple[Item, ...]:
    return tuple(Item(i["key"], i["title"], tuple(i["levels"])) for i in _table(knowledge))


def score(points: Mapping[str, int], knowledge: Knowledge) -> int | Refusal:
    """The total, 0 to 10. Every item must be answered with one of its levels; nothing is prorated."""
    known = items(knowledge)
    for key in points:
        if key not in {i.key for i in known}:
            return refuse(Reason.UNKNOWN_KEY, "Aldrete item", key)
    for item in known:
        if item.key not in points:
            return refuse(Reason.MISSING, item.title)
        if points[item.key] not in range(len(item.levels)):
            allowed = ", ".join(str(n) for n in range(len(item.levels)))
            return refuse(Reason.NOT_A_CHOICE, item.title, points[item.key], allowed=allowed)
    return sum(points.values())


def suggestions(facts: Facts) -> dict[str, int]:
    """Points that the readings suggest, by item, where they settle it. A person still answers."""
    found = {}
    for item in _table(facts.knowledge):
        rule = item.get("suggested")
        value = _value(rule, facts) if rule else None
        points = _points(rule["points"], value) if rule and value is not None else None
        if points is not None:
            found[item["key"]] = points
    return found


def _table(knowledge: Knowledge) -> list[dict[str, Any]]:
    return list(knowledge.models[MODEL]["items"])


def _value(rule: Mapping[str, Any], facts: Facts) -> float | None:
    reading = _number(facts, rule["fact"])
    if reading is None or rule["as"] == "value":
        return reading
    baseline = _number(facts, rule["baseline"])
    return 100.0 * abs(reading - baseline) / baseline if baseline else None


def _number(facts: Facts, key: str) -> float | None:
    resolved = facts[key]
    return (
        float(resolved.value)
        if isinstance(resolved, Known) and not isinstance(resolved.value, str | tuple)
        else None
    )


def _points(bands: list[dict[str, float]], value: float) -> int | None:
    for band in bands:
        if (
            value >= band.get("from", value)
            and (value > band["above"] if "above" in band else True)
            and (value < band["below"] if "below" in band else True)
        ):
            return int(band["points"])
    return None
