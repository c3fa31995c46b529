"""Whether anything ticks."""

from __future__ import annotations

import datetime as dt

from serein_web.ticker.actions import NAME
from serein_web.ticker.models import Lease

QUIET_FOR = dt.timedelta(seconds=120)


def silent_since(at: dt.datetime) -> dt.datetime | None:
    """Since when nothing has ticked, if it is too long; None while it ticks. Never at all: since the year 1."""
    row = Lease.objects.filter(name=NAME).first()
    if row is None:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return row.beat_at if at - row.beat_at > QUIET_FOR else None
