"""What a decision is: never a bare yes.

It carries its findings, the evidence behind each, the facts it used, those it missed, and the hashes of the
knowledge that it used, so that it can be replayed. It holds no text in a language: pages and reports look text
up by key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from serein.knowledge.types import Action, Basis, IfUnknown, Stage, State, Strength, Substance
from serein.logic import Statement

Conclusion = Literal["exclude", "stop", "hold", "refer", "incomplete", "eligible"]
CONCLUSIONS: tuple[Conclusion, ...] = ("exclude", "stop", "hold", "refer", "incomplete", "eligible")
"""Worst first. Screening comes to exclude, refer, incomplete or eligible; the day and the discharge to hold too."""

CONCLUDES: dict[Action, Conclusion] = {"exclude": "exclude", "stop": "stop", "hold": "hold", "refer": "refer"}
"""What a finding of each action concludes; of the other actions it concludes nothing."""

Setting = Literal["clinic", "home"]
Jurisdiction = Literal["US", "EU", "UK", "AU", "NZ"]


class Question(msgspec.Struct, frozen=True):
    """What is asked: may this person, by this product and route, in this setting, at this stage, at this instant?"""

    stage: Stage
    product: Substance
    route: str
    at: dt.datetime
    setting: Setting = "clinic"
    jurisdiction: Jurisdiction = "US"
    kinds: tuple[str, ...] = ()
    """Rule kinds to judge by; empty means all of the stage."""


class Override(msgspec.Struct, frozen=True):
    """A prescriber's decision to go on in spite of a finding.

    It holds for this very rule and state, and only while what is known of the person's side is what it was made on:
    a new reading asks again. `grounds` is that of the finding; empty means made on whatever is known.
    """

    rule: str
    digest: str
    state: State
    by: str
    at: dt.datetime
    reason: str
    grounds: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One rule that fires, or that cannot be judged because a fact is unknown."""

    rule: str
    digest: str
    kind: str
    action: Action
    strength: Strength
    basis: Basis
    if_unknown: IfUnknown
    state: State
    because: tuple[str, ...]
    """The statements behind it, in the words of the record."""
    facts: tuple[str, ...]
    missing: tuple[str, ...]
    evidence: tuple[str, ...]
    resolves: tuple[str, ...]
    overridable: bool
    grounds: str = ""
    """Hash of the facts and values behind it, without what only the clock computes."""
    overridden: Override | None = None


class Missing(msgspec.Struct, frozen=True):
    """A fact that some rule needs and nobody knows."""

    fact: str
    why: str
    because: tuple[str, ...]
    rules: tuple[str, ...]
    if_unknown: IfUnknown
    """The strictest of the rules that need it."""


class Decision(msgspec.Struct, frozen=True):
    """The answer to a `Question`, with all that it rests on."""

    question: Question
    conclusion: Conclusion
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    facts: Mapping[str, tuple[Statement, ...]]
    """Every fact that decided something, with the statements that carried it."""
    statements: tuple[Statement, ...]
    overrides: tuple[Override, ...]
    not_understood: tuple[str, ...]
    knowledge: str
    overlay: str | None
    engine: str

    @property
    def binding(self) -> Finding | None:
        """The finding that decides the conclusion; None if none does."""
        for finding in self.findings:
            if conclusion_of(finding) == self.conclusion:
                return finding
        return None


def conclusion_of(finding: Finding) -> Conclusion:
    """What one finding, alone, would conclude."""
    if finding.overridden is not None:
        return "eligible"
    if finding.state == "unknown":
        return "eligible" if finding.if_unknown == "note" else "incomplete"
    return CONCLUDES.get(finding.action, "eligible")


def canonical(decision: Decision) -> bytes:
    """Canonical JSON: sorted keys, no spaces. Two decisions are the same if these bytes are."""
    return msgspec.json.encode(decision, order="sorted")


def from_json(data: bytes) -> Decision:
    """A stored decision. Raises `msgspec.ValidationError` for anything else."""
    return msgspec.json.decode(data, type=Decision)
