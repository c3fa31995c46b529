"""Reading messages and channels."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from serein_web.correspondence.models import Channel, Message
from serein_web.people.models import Patient, Site

ASKED_FOR = dt.timedelta(days=2)


def is_open(site: Site, way: str) -> bool:
    """Whether a test of this way has come back. In a demo nothing leaves the machine, so nothing has to be proved."""
    return (
        settings.SEREIN_DEMO or Channel.objects.filter(site=site, way=way, proved_at__isnull=False).exists()
    )


def due(at: dt.datetime, limit: int = 50) -> list[Message]:
    """Messages to hand over now, the oldest first."""
    rows = Message.objects.filter(state=Message.State.QUEUED, next_try_at__lte=at).select_related("site")
    return list(rows.order_by("-safety", "next_try_at")[:limit])


def on_their_way(at: dt.datetime, limit: int = 50) -> list[Message]:
    """Messages that a carrier has taken and may still say more of."""
    rows = Message.objects.filter(state=Message.State.SENT, queued_at__gt=at - ASKED_FOR).exclude(
        carrier_id=""
    )
    return list(rows.select_related("site").order_by("queued_at")[:limit])


def to_patient(patient: Patient, limit: int = 20) -> list[Message]:
    return list(Message.objects.filter(patient=patient).order_by("-queued_at")[:limit])
