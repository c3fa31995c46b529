"""The journey of a course: which state may follow which, as a table.

A course moves only by a named transition. Ending, withdrawing and screening again are open from everywhere they
make sense: the table must never stand between a patient and stopping.
"""

from __future__ import annotations

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.pathway import ENDED, STAGES


class Transition(msgspec.Struct, frozen=True):
    """One allowed step. `needs` names what must stand, in the words of `courses.Standing`."""

    name: str
    sources: tuple[str, ...]
    target: str
    needs: tuple[str, ...] = ()


RUNNING = STAGES[1:]

TRANSITIONS: tuple[Transition, ...] = (
    Transition("begin-screening", ("enquiry",), "screening"),
    Transition("accept", ("screening",), "consent", ("decision",)),
    Transition("consent-signed", ("consent",), "plan", ("decision", "consent")),
    Transition("order-signed", ("plan",), "session", ("decision", "consent", "order")),
    Transition("dosing-ended", ("session",), "recovery"),
    Transition("departed", ("session", "recovery"), "followup"),
    Transition("next-session", ("followup", "outcomes"), "session", ("decision", "consent", "order")),
    Transition("review", ("followup",), "outcomes"),
    Transition("follow-on", ("outcomes",), "followup"),
    Transition("new-plan", ("session", "followup", "outcomes"), "plan", ("decision", "consent")),
    Transition("consent-withdrawn", ("consent", "plan", "session", "followup", "outcomes"), "consent"),
    Transition("screen-again", ("consent", "plan", "session", "followup", "outcomes"), "screening"),
    Transition("end", STAGES, ENDED),
)

BY_NAME = {t.name: t for t in TRANSITIONS}


def allowed(state: str) -> tuple[Transition, ...]:
    """The transitions open from a state, whatever they need."""
    return tuple(t for t in TRANSITIONS if state in t.sources)


def move(state: str, name: str, standing: frozenset[str] = frozenset()) -> str | Refusal:
    """The state after a transition, or why not: not open from here, or something that it needs does not stand."""
    transition = BY_NAME[name]
    if state not in transition.sources:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "course",
            f"{name} from {state}",
            next="Look at the course's stage and go on from there.",
        )
    lacking = [n for n in transition.needs if n not in standing]
    if lacking:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "course",
            f"{name} needs a valid {lacking[0]}",
            next=f"Complete the {lacking[0]} first.",
        )
    return transition.target
