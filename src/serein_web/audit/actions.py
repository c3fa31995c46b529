"""The one writer of who looked at what."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache

from serein_web.audit import trail
from serein_web.audit.action import action

SEEN = "seen"
ONE_LOOK = dt.timedelta(minutes=10)
"""Somebody who goes on looking at the same pages is noted once in so long."""


def saw(*, by: trail.Doer, chain: str, page: str) -> None:
    """Note that somebody looked at the pages of a course or of a patient, once in a while."""
    key = f"{SEEN}:{by.id}:{chain}:{page}"
    if cache.add(key, 1, timeout=ONE_LOOK.total_seconds()):
        note_look(by=by, chain=chain, page=page)


@action
def note_look(*, by: trail.Doer, chain: str, page: str) -> None:
    trail.record(chain=chain, by=by, action=SEEN, subject=chain, payload={"page": page})
