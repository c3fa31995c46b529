"""The knowledge by which a site decides: the shared pack under the site's signed overlay."""

from __future__ import annotations

import datetime as dt
import functools
from uuid import UUID

from django.utils import timezone

from serein.errors import Refusal
from serein.knowledge import Knowledge
from serein.safety import Decision
from serein.safety.overlay import Overlay, lay_over
from serein_web.guide.queries import in_force, of_digest
from serein_web.knowledge import current, of_hash


def of_site(site_id: UUID, at: dt.datetime | None = None) -> Knowledge:
    """The shared pack under the overlay in force at a site, now or at an instant."""
    overlay = in_force(site_id, at or timezone.now())
    return current() if overlay is None else _under(current().hash, overlay)[0]


def misfits(overlay: Overlay) -> tuple[Refusal, ...]:
    """The settings of a signed overlay that the pack in use does not take any more, and why."""
    return _under(current().hash, overlay)[1]


def of_decision(decision: Decision) -> Knowledge | None:
    """What a stored decision was made with, its overlay included; None if one of the two is not on this machine."""
    pack = of_hash(decision.knowledge)
    if pack is None or decision.overlay is None:
        return pack
    overlay = of_digest(decision.overlay)
    return None if overlay is None else _under(pack.hash, overlay)[0]


@functools.lru_cache(maxsize=16)
def _under(hash_: str, overlay: Overlay) -> tuple[Knowledge, tuple[Refusal, ...]]:
    pack = of_hash(hash_)
    assert pack is not None, hash_
    return lay_over(pack, overlay)
