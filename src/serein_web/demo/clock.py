"""The demo's clock. The demo tells a story of weeks in a second, so each step of it happens at its own instant.

Everything that an action reads or keeps of the time, the moment of recording included, is then the story's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let it be `moment` for the actions inside. Nowhere but in a demo."""
    if not settings.SEREIN_DEMO:
        raise RuntimeError("only a demo may have another time than the clock's")
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
