"""What measurements suggest: they raise a question and answer none."""

from __future__ import annotations

from collections.abc import Iterable

from serein.knowledge.types import Suggestion
from serein.logic.evaluate import holds
from serein.logic.facts import Statement


def suggested(suggestion: Suggestion, statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The measurements that together raise the suggestion's question, the latest first; empty if they do not.

    They are those beyond any of its limits, within its span before the latest of them, if they were taken on as
    many different days (UTC) as it asks for.
    """
    beyond = sorted((s for s in statements if _is_beyond(s, suggestion)), key=lambda s: s.at, reverse=True)
    if not beyond:
        return ()
    latest, span_s = beyond[0].at, suggestion.within_s
    near = tuple(s for s in beyond if span_s is None or (latest - s.at).total_seconds() <= span_s)
    return near if len({s.at.date() for s in near}) >= suggestion.days else ()


def _is_beyond(statement: Statement, suggestion: Suggestion) -> bool:
    value = statement.value
    return value is not None and any(
        limit.fact == statement.fact and holds(limit, value) for limit in suggestion.limits
    )
