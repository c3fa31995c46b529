"""What a pack holds, counted: for a reviewer who asks how much of it is sourced and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from serein.knowledge.numbers import numbers
from serein.knowledge.types import Knowledge


def stats(knowledge: Knowledge) -> dict[str, Any]:
    """Counts of rules, basis, examples, instruments, evidence, facts, codes and numbers. Same pack, same counts."""
    rules = list(knowledge.rules.values())
    codes = [code for fact in knowledge.facts.values() for code in fact.codes]
    examples = [example for rule in rules for example in rule.examples]
    return {
        "hash": knowledge.hash,
        "rules": {
            "total": len(rules),
            "by_kind": _count(r.kind for r in rules),
            "by_strength": _count(r.strength for r in rules),
            "by_if_unknown": _count(r.if_unknown for r in rules),
            "checked": sum(r.checked_by != NOBODY for r in rules),
            "not_checked": sum(r.checked_by == NOBODY for r in rules),
            "retired": sum(r.retired_on is not None for r in rules),
        },
        "basis": _count(r.basis for r in rules),
        "examples": {"total": len(examples), "by_state": _count(e.state for e in examples)},
        "instruments": {
            "total": len(knowledge.instruments),
            "with_items": sum(bool(i.items) for i in knowledge.instruments.values()),
            "examples": sum(len(i.examples) for i in knowledge.instruments.values()),
        },
        "evidence": {
            "total": len(knowledge.evidence),
            "by_checked": _count(e.checked for e in knowledge.evidence.values()),
        },
        "facts": {
            "total": len(knowledge.facts),
            "derived": sum(f.derived is not None for f in knowledge.facts.values()),
            "by_type": _count(f.type for f in knowledge.facts.values()),
        },
        "codes": {
            "total": len(codes),
            "verified": sum(c.verified for c in codes),
            "unverified": sum(not c.verified for c in codes),
            "by_system": _count(c.system for c in codes),
        },
        "routes": len(knowledge.routes),
        "products": len(knowledge.products),
        "protocols": len(knowledge.protocols),
        "numbers": len(numbers(knowledge.pack.files)),
    }


NOBODY = "nobody yet"


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
