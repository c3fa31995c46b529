"""The shared knowledge, loaded and checked once a process. What decides for a patient: `guide.knowledge.of_site`."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from django.conf import settings

from serein.knowledge import Knowledge
from serein.knowledge.load import HERE
from serein.safety.pack import stored_pack, usable_pack


def store() -> Path:
    """Where packs are kept by hash, beside the database: old decisions are replayed on them."""
    return Path(os.environ.get("SEREIN_STORE") or settings.DATA / "packs")


@functools.cache
def current() -> Knowledge:
    return usable_pack(HERE, store=store())


@functools.lru_cache(maxsize=8)
def of_hash(hash_: str) -> Knowledge | None:
    """The pack that an old decision used, or None if it is not on this machine."""
    return current() if current().hash == hash_ else stored_pack(store(), hash_)
