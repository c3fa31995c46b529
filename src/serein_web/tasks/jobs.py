"""What falls due without anybody asking: tasks that nobody did in time go on to the next."""

from __future__ import annotations

import datetime as dt

from serein_web.people.access import SEREIN
from serein_web.tasks.actions import escalate
from serein_web.tasks.queries import overdue


def hand_on(now: dt.datetime) -> int:
    """Hand on every task that is overdue; how many."""
    found = overdue(now)
    for task in found:
        escalate(by=SEREIN, task=task, at=now)
    return len(found)
