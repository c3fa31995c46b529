"""A person at the chair, in one line: facts as a table writes them, judged by one kind of rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

from serein.knowledge.types import Knowledge
from serein.logic import Statement
from serein.safety import Decision, Override, Question, evaluate

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
PRODUCT = {"intravenous": "ketamine", "nasal": "esketamine"}


def decide(
    knowledge: Knowledge,
    kind: str,
    route: str,
    facts: dict[str, Any],
    *,
    minutes_ago: dict[str, float] | None = None,
    overrides: tuple[Override, ...] = (),
) -> Decision:
    """Judge `facts` (True/False, numbers, choices), each stated now or so many minutes ago."""
    stage = {"day-of-treatment": "session", "monitoring": "session", "discharge": "recovery"}[kind]
    ago = minutes_ago or {}
    statements = [
        Statement(key, value, NOW - dt.timedelta(minutes=ago.get(key, 0)), "staff")
        for key, value in facts.items()
    ]
    question = Question(stage, PRODUCT[route], route, NOW, kinds=(kind,))  # type: ignore[arg-type]
    return evaluate(question, statements, knowledge, overrides=overrides)


def fired(decision: Decision) -> set[str]:
    return {f.rule for f in decision.findings if f.state == "fires"}


def unknown(decision: Decision) -> set[str]:
    return {f.rule for f in decision.findings if f.state == "unknown"}
