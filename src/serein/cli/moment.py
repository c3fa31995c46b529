"""A moment as it is written on the command line."""

from __future__ import annotations

import datetime as dt

from serein.errors import Reason, Refusal, refuse


def parse_moment(written: str, field: str) -> dt.datetime | Refusal:
    """ "2026-11-22T09:00Z" -> the moment in UTC. A time without a zone is refused."""
    try:
        moment = dt.datetime.fromisoformat(written.strip())
        if moment.tzinfo is None:
            return refuse(Reason.NO_TIME_ZONE, field, written)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return refuse(Reason.NOT_A_TIME, field, written)
