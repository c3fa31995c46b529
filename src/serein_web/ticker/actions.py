"""The only writers of the lease."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q

from serein_web.ticker.models import Lease

NAME = "ticker"
LASTS = dt.timedelta(seconds=60)


def take(*, holder: str, at: dt.datetime) -> bool:
    """Take the lease, or keep it; False if another process holds it. No person does this, so nothing is audited."""
    mine_or_over = Lease.objects.filter(Q(holder=holder) | Q(until__lte=at), name=NAME)
    if mine_or_over.update(holder=holder, until=at + LASTS):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(name=NAME, holder=holder, until=at + LASTS, beat_at=at)
    except IntegrityError:
        return False
    return True


def beat(*, holder: str, at: dt.datetime) -> None:
    """Note that every job was run."""
    Lease.objects.filter(name=NAME, holder=holder).update(beat_at=at)
