"""A site's own thresholds, signed by its medical director, laid over the shared knowledge.

A site may make any threshold of a rule stricter. It may make one looser only where its basis is `assumption`: what
a label, a guideline, a trial or practice fixes is loosened by nobody at a site. Stricter means that the rule speaks
for more people, or asks for a fresher reading:

| operator            | stricter               |
|---------------------|------------------------|
| at_least, above     | a lower number         |
| at_most, below      | a higher number        |
| within              | the same span or wider |
| taken_within        | a shorter time, where not knowing blocks |

Below a `none` the first three are the other way round. Never at the chair: an overlay is a version of its own, and
a decision names it by its hash.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from serein import units
from serein.errors import KnowledgeError, Reason, Refusal, refuse
from serein.knowledge.load import build, digest
from serein.knowledge.numbers import named
from serein.knowledge.types import Fact, Knowledge, Pack, Rule
from serein.knowledge.words import asked

RISING = {"at_least": -1, "above": -1, "at_most": 1, "below": 1}
"""In which direction a number makes its comparison hold for more values."""


class Setting(msgspec.Struct, frozen=True):
    """One number of one rule as the site wants it: `path` as in `thresholds`, `value` with its unit."""

    rule: str
    path: str
    value: str


class Overlay(msgspec.Struct, frozen=True):
    """A site's settings of one version. Who signed it, when and why stands in the site's record of it."""

    settings: tuple[Setting, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the settings, in whatever order they were given."""
        return digest(sorted((s.rule, s.path, s.value) for s in self.settings))


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number of a rule that a site may set. `direction` is where stricter lies; 0: only `assumption` may change."""

    path: str
    fact: str
    operator: str
    value: str
    direction: int


def thresholds(rule: Rule) -> tuple[Threshold, ...]:
    """Every number in a rule's condition, each with the path by which an overlay names it."""
    return tuple(_thresholds(rule.when, "when", 1, rule.if_unknown == "block"))


def _thresholds(raw: Mapping[str, Any], path: str, sign: int, blocks: bool) -> Iterator[Threshold]:
    for word in ("all", "any", "none"):
        if word in raw:
            for name, part in named(raw[word]):
                yield from _thresholds(
                    part, f"{path}.{word}.{name}", -sign if word == "none" else sign, blocks
                )
            return
    for operator, direction in RISING.items():
        if operator in raw:
            yield Threshold(f"{path}.{operator}", raw["fact"], operator, str(raw[operator]), sign * direction)
    for place, end in enumerate(raw.get("within", ()), start=1):
        outward = -1 if place == 1 else 1
        yield Threshold(f"{path}.within.{place}", raw["fact"], "within", str(end), sign * outward)
    if "taken_within" in raw:
        written = str(raw["taken_within"])
        yield Threshold(f"{path}.taken_within", raw["fact"], "taken_within", written, -1 if blocks else 0)


def apply_overlay(knowledge: Knowledge, overlay: Overlay) -> Knowledge | Refusal:
    """The knowledge as the site set it, or the first setting that may not be.

    Refused: no setting at all, an unknown rule or number, the same number twice, no unit or one of another kind, a
    value that the fact cannot have, one that changes nothing, and one that loosens what is no assumption.
    The result keeps the hash and the pack of the shared knowledge, and carries the overlay's own hash.
    """
    if not overlay.settings:
        return refuse(Reason.MISSING, "setting")
    seen: set[tuple[str, str]] = set()
    for setting in overlay.settings:
        refused = _refused(knowledge, setting)
        if refused is None and (setting.rule, setting.path) in seen:
            refused = refuse(Reason.DUPLICATE, setting.path, setting.rule)
        if refused is not None:
            return refused
        seen.add((setting.rule, setting.path))
    try:
        return _laid(knowledge, overlay, overlay.settings)
    except KnowledgeError as error:  # a number that must stand beside others: the edge of a band
        return refuse(
            Reason.MISMATCH, "setting", Path(error.file).stem, next=f"Set both sides: {error.problem}."
        )


def lay_over(knowledge: Knowledge, overlay: Overlay) -> tuple[Knowledge, tuple[Refusal, ...]]:
    """A signed overlay on knowledge that may have moved on: what still may be set is, the rest is told.

    A setting that does not fit any more leaves the shared number in force. The result carries the overlay's hash,
    so that the same overlay on the same pack is the same knowledge again.
    """
    told = {setting: _refused(knowledge, setting) for setting in overlay.settings}
    fitting = tuple(setting for setting, refused in told.items() if refused is None)
    refusals = tuple(r for r in told.values() if r is not None)
    try:
        return _laid(knowledge, overlay, fitting), refusals
    except KnowledgeError as error:
        unfit = refuse(Reason.MISMATCH, "overlay", Path(error.file).stem, next=f"{error.problem}.")
        return _laid(knowledge, overlay, ()), (*refusals, unfit)


def _laid(knowledge: Knowledge, overlay: Overlay, settings: tuple[Setting, ...]) -> Knowledge:
    files = dict(knowledge.pack.files)
    for setting in settings:
        name = knowledge.rules[setting.rule].file
        files[name] = copy.deepcopy(files[name])
        _put(files[name], setting.path.split("."), setting.value)
    made = build(Pack(files))
    return msgspec.structs.replace(made, hash=knowledge.hash, pack=knowledge.pack, overlay=overlay.hash)


def _refused(knowledge: Knowledge, setting: Setting) -> Refusal | None:
    rule = knowledge.rules.get(setting.rule)
    if rule is None:
        return refuse(Reason.NOT_KNOWN_HERE, "rule", setting.rule, allowed="a rule of the knowledge in use")
    found = {t.path: t for t in thresholds(rule)}
    threshold = found.get(setting.path)
    if threshold is None:
        allowed = ", ".join(found) or "none: this rule compares no number"
        return refuse(Reason.NOT_KNOWN_HERE, f"number of {rule.key}", setting.path, allowed=allowed)
    fact = knowledge.facts[threshold.fact]
    field, unit = asked(fact.key, knowledge.facts), _unit(threshold, fact)
    wanted = units.parse(setting.value, field, unit, positive=threshold.operator == "taken_within")
    if isinstance(wanted, Refusal):
        return wanted
    before = units.parse(threshold.value, field, unit)
    assert not isinstance(before, Refusal), threshold
    return _misfit(rule, threshold, fact, float(wanted.to(unit)), float(before.to(unit)), setting.value)


def _misfit(
    rule: Rule, threshold: Threshold, fact: Fact, wanted: float, before: float, written: str
) -> Refusal | None:
    field, unit = rule.text.title, _unit(threshold, fact)
    if wanted == before:
        return refuse(Reason.ALREADY_DONE, field, written)
    if fact.plausible is not None and threshold.operator != "taken_within":
        low, high = fact.plausible
        if not low <= wanted <= high:
            return refuse(Reason.OUT_OF_RANGE, field, written, low=f"{low:g} {unit}", high=f"{high:g} {unit}")
    stricter = threshold.direction * (wanted - before) > 0
    if not stricter and rule.basis != "assumption":
        return refuse(Reason.LOOSER, field, written, basis=rule.basis)
    return None


def _unit(threshold: Threshold, fact: Fact) -> str:
    return "s" if threshold.operator == "taken_within" else fact.unit or "{count}"


def _put(raw: Any, path: list[str], value: str) -> None:
    """Set the number that `thresholds` names by this path, in a parsed rule file."""
    step, rest = path[0], path[1:]
    if isinstance(raw, list):
        places = {name: place for place, (name, _) in enumerate(named(raw))}
        key: Any = places[step]
    else:
        key = step
    if rest:
        _put(raw[key], rest, value)
    else:
        raw[key] = value
