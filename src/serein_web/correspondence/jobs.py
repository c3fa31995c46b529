"""What the ticker does with messages: hand over what waits, ask how far the others came."""

from __future__ import annotations

import datetime as dt

from serein_web.correspondence.actions import deliver, note_failure, note_progress
from serein_web.correspondence.carriers import NotCarried, carrier
from serein_web.correspondence.queries import due, on_their_way
from serein_web.people.access import SEREIN


def carry(now: dt.datetime) -> int:
    """Hand over every message that is due; how many."""
    found = due(now)
    for message in found:
        deliver(message, now)
    return len(found)


def follow(now: dt.datetime) -> int:
    """Ask the carriers how far messages came; how many are settled by that."""
    settled = 0
    for message in on_their_way(now):
        by_what = carrier(message.way)
        if by_what is None:
            continue
        try:
            state = by_what.ask(message.carrier_id)
        except NotCarried:
            continue
        if state == "delivered":
            note_progress(by=SEREIN, message=message, state=state, at=now)
        elif state == "failed":
            note_failure(
                by=SEREIN, message=message, why="the carrier could not deliver it", again=False, at=now
            )
        settled += state != "sent"
    return settled
