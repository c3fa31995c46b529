"""Ticking: the jobs of `settings.SEREIN_JOBS`, one after the other, for as long as the site is served."""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string

from serein_web.ticker.actions import beat, take

EVERY_S = 10.0
log = logging.getLogger(__name__)
Job = Callable[[dt.datetime], object]


def holder() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def tick(now: dt.datetime, me: str, jobs: tuple[Job, ...] | None = None) -> bool:
    """Run every job once, if this process holds the lease. One that breaks does not keep the others from running,
    and the heartbeat of that round is left out: its silence is seen."""
    if not take(holder=me, at=now):
        return False
    whole = True
    for job in jobs if jobs is not None else tuple(import_string(name) for name in settings.SEREIN_JOBS):
        try:
            job(now)
        except Exception as error:
            whole = False
            # The kind of error only: its text may hold a name.
            log.error("job %s failed: %s", getattr(job, "__name__", job), type(error).__name__)
    if whole:
        beat(holder=me, at=now)
    return True


def start(stop: threading.Event) -> threading.Thread:
    """Tick in a thread of its own until `stop` is set."""

    def loop() -> None:
        me = holder()
        while not stop.wait(EVERY_S):
            close_old_connections()
            try:
                tick(timezone.now(), me)
            except Exception as error:
                log.error("the ticker failed: %s", type(error).__name__)

    thread = threading.Thread(target=loop, name="ticker", daemon=True)
    thread.start()
    return thread
