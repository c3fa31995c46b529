"""The knowledge in use: the shared pack, loaded and checked once a process, and as each site has set it."""

from __future__ import annotations

import datetime as dt
import functools
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from serein.errors import Refusal
from serein.knowledge import Knowledge
from serein.knowledge.load import HERE
from serein.safety import Decision
from serein.safety.overlay import Overlay, lay_over
from serein.safety.pack import stored_pack, usable_pack
from serein_web.guide.queries import in_force, of_digest


def store() -> Path:
    """Where packs are kept by hash, beside the database: old decisions are replayed on them."""
    return Path(os.environ.get("SEREIN_STORE") or settings.DATA / "packs")


@functools.cache
def current() -> Knowledge:
    """The shared pack. What decides for a patient is that of their site: `of_site`."""
    return usable_pack(HERE, store=store())


@functools.lru_cache(maxsize=8)
def of_hash(hash_: str) -> Knowledge | None:
    """The pack that an old decision used, or None if it is not on this machine."""
    return current() if current().hash == hash_ else stored_pack(store(), hash_)


def of_site(site_id: UUID, at: dt.datetime | None = None) -> Knowledge:
    """The knowledge by which a site decides: the shared pack under the overlay in force there."""
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
