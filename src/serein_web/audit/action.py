"""What every write in Serein is: one keyword-only function, atomic, that saves all or nothing."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail

F = TypeVar("F", bound=Callable[..., Any])


UNIQUE_VIOLATION = "23505"  # the SQLSTATE of PostgreSQL


def _is_second(error: IntegrityError) -> bool:
    """Whether a row of the same key came first; any other broken constraint is a bug and stays one."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate == UNIQUE_VIOLATION or "UNIQUE constraint failed" in str(error)


def action(function: F) -> F:
    """Marks a writer. It takes keywords only, `by=` among them; a `Refusal` it returns undoes all it wrote."""
    parameters = inspect.signature(function).parameters
    assert "by" in parameters, f"{function.__name__} must take by="
    assert all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters.values()), (
        f"{function.__name__} takes keywords only"
    )

    def whole(**given: Any) -> Any:
        with transaction.atomic(), trail.batch() as forget:
            result = function(**given)
            if isinstance(result, Refusal):
                forget()
                transaction.set_rollback(True)
            return result

    @functools.wraps(function)
    def atomic(**given: Any) -> Any:
        if transaction.get_connection().in_atomic_block:
            return whole(**given)
        try:
            return whole(**given)
        except IntegrityError as error:
            if not _is_second(error):
                raise
            # Two browsers at once: the constraint let the first one through, and all of the second is undone.
            return refuse(Reason.CHANGED_MEANWHILE, "this page", "somebody else did the same just now")

    atomic.is_action = True  # type: ignore[attr-defined]
    return atomic  # type: ignore[return-value]
