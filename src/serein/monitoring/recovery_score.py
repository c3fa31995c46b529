"""Recovery scores, their tables read from knowledge: the modified Aldrete score, and PADSS beside it as an option.

The tables (`models/modified-aldrete.toml`, `models/padss.toml`) cite their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Knowledge
from serein.logic import Facts, Known

ALDRETE, PADSS = "modified-aldrete", "padss"


class Item(msgspec.Struct, frozen=True):
    """One item: its key, title, and the words of 0, 1 and 2 points; `usual` is where it starts, if anywhere."""

    key: str
    title: str
    levels: tuple[str, ...]
    usual: int | None = None


def items(knowledge: Knowledge, model: str = ALDRETE) -> tuple[Item, ...]:
    table = _table(knowledge, model)
    return tuple(Item(i["key"], i["title"], tuple(i["levels"]), i.get("usual")) for i in table)


def score(points: Mapping[str, int], knowledge: Knowledge, model: str = ALDRETE) -> int | Refusal:
    """The total, 0 to 10. Every item must be answered with one of its levels; nothing is prorated."""
    known = items(knowledge, model)
    for key in points:
        if key not in {i.key for i in known}:
            return refuse(Reason.UNKNOWN_KEY, f"item of {knowledge.models[model]['text']['title']}", key)
    for item in known:
        if item.key not in points:
            return refuse(Reason.MISSING, item.title)
        if points[item.key] not in range(len(item.levels)):
            allowed = ", ".join(str(n) for n in range(len(item.levels)))
            return refuse(Reason.NOT_A_CHOICE, item.title, points[item.key], allowed=allowed)
    return sum(points.values())


def suggestions(facts: Facts, model: str = ALDRETE) -> dict[str, int]:
    """Points that the readings suggest, by item, where they settle it. A person still answers."""
    found = {}
    for item in _table(facts.knowledge, model):
        rule = item.get("suggested")
        value = _value(rule, facts) if rule else None
        points = _points(rule["points"], value) if rule and value is not None else None
        if points is not None:
            found[item["key"]] = points
    return found


def _table(knowledge: Knowledge, model: str) -> list[dict[str, Any]]:
    return list(knowledge.models[model]["items"])


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
            band.get("from", value) <= value <= band.get("to", value)
            and (value > band["above"] if "above" in band else True)
            and (value < band["below"] if "below" in band else True)
        ):
            return int(band["points"])
    return None
