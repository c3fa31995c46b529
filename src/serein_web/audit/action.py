"""What every write in Serein is: one keyword-only function, atomic, that saves all or nothing."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from serein.errors import Refusal

F = TypeVar("F", bound=Callable[..., Any])


def action(function: F) -> F:
    """Marks a writer. It takes keywords only, `by=` among them; a `Refusal` it returns undoes all it wrote."""
    parameters = inspect.signature(function).parameters
    assert "by" in parameters, f"{function.__name__} must take by="
    assert all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters.values()), (
        f"{function.__name__} takes keywords only"
    )

    @functools.wraps(function)
    def atomic(**given: Any) -> Any:
        with transaction.atomic():
            result = function(**given)
            if isinstance(result, Refusal):
                transaction.set_rollback(True)
            return result

    atomic.is_action = True  # type: ignore[attr-defined]
    return atomic  # type: ignore[return-value]
