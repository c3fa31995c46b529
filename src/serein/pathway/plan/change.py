"""The dose between two sessions: a proposal within the signed range, for the prescriber to take or leave.

It is off until the site has adopted the protocol. It never proposes more after an adverse event of the protocol's
grade, with a safety task open, or while anything that it would rest on is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge import route_for
from serein.knowledge.types import DoseChange, Knowledge, Protocol
from serein.pathway.plan.order import Order
from serein.pathway.plan.protocol import protocol_digest
from serein.safety.guardrail import check_dose
from serein.safety.preparation import (
    DOSE_SHOWN,
    base_mg,
    rounded_mg,
    salt_mg,
    shown_mg,
    smallest_mg,
    strength_for,
)

Direction = Literal["up", "same", "down"]


class Adoption(msgspec.Struct, frozen=True):
    """A site has taken a protocol's dose change as its own: who, when, and exactly which version."""

    protocol: str
    digest: str
    by_name: str
    at: dt.datetime


class Event(msgspec.Struct, frozen=True):
    """An adverse event: what, and its grade (CTCAE 1 to 5)."""

    term: str
    grade: int


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the last dose and since. None is unknown, and unknown never raises a dose."""

    given_mg: float
    """Of the base: the dose that two persons read if it was completed, else what had been given."""
    outcome: str | None
    """How the dose ended: completed, aborted, part-given…"""
    events: tuple[Event, ...]
    distress: float | None
    """The highest rating of the session, 0 to 10."""
    dissociation: float | None
    improved_percent: float | None
    """Of the protocol's score, from before the first dose to the latest; negative is worse."""
    open_safety_tasks: int


@dataclass(frozen=True, slots=True)
class DoseProposal:
    """A dose to look at, in mg of the base and as labelled, and every reason that led to it."""

    direction: Direction
    before_mg: Decimal
    dose_mg: Decimal
    labelled: str
    reasons: tuple[str, ...]
    protocol: str
    adopted: Adoption


def propose_change(
    order: Order, happened: Happened | None, adoption: Adoption | None, knowledge: Knowledge
) -> DoseProposal | Refusal:
    """What the adopted protocol proposes for the next session, or why it proposes nothing."""
    found = _protocol(order, adoption, knowledge)
    if isinstance(found, Refusal):
        return found
    protocol, change, adopted = found
    if happened is None:
        return _no("no dose of this course has been given yet", "It can follow the first session.")
    if order.dose_low_mg == order.dose_high_mg:
        return _no("the order signs one dose", "Sign an order with a lowest and a highest dose.")
    # A pump's log gives 35.0003 mg: the dose is what a page shows of it.
    before = Decimal(str(happened.given_mg)).quantize(DOSE_SHOWN, rounding=ROUND_HALF_UP)
    low, high = Decimal(str(order.dose_low_mg)), Decimal(str(order.dose_high_mg))
    if before < low:
        return _no(f"the last dose, {_mg(before)}, was below the signed range", "The prescriber decides.")
    down, against = _lowers(change, happened), _keeps(change, happened)
    if down:
        factor = 1 - Decimal(str(change.down_by_percent)) / 100
        reasons, wanted = [*down, f"lowered by {change.down_by_percent:g} %"], before * factor
    elif against:
        reasons, wanted = against, before
    else:
        reasons, wanted = (
            [_improved(change, happened), f"raised by {change.step_up}"],
            before + _step(order, change),
        )
    labelled = _within(order, wanted, low, high, knowledge)
    if isinstance(labelled, Refusal):
        return labelled
    product = knowledge.products[order.product_key]
    dose = shown_mg(base_mg(product, labelled))
    if dose < shown_mg(wanted):
        reasons.append(f"kept within the signed range, the bounds and what can be measured: {_mg(dose)}")
    elif dose > wanted:
        reasons.append(f"the lowest dose that is signed is {_mg(dose)}; a new order could sign less")
    direction: Direction = "up" if dose > before else "down" if dose < before else "same"
    return DoseProposal(direction, before, dose, _mg(labelled), tuple(reasons), protocol.key, adopted)


def _protocol(
    order: Order, adoption: Adoption | None, knowledge: Knowledge
) -> tuple[Protocol, DoseChange, Adoption] | Refusal:
    protocol = knowledge.protocols.get(order.protocol)
    if protocol is None or protocol.change is None:
        return _no("the order follows no protocol that changes a dose", "The prescriber decides alone.")
    if adoption is None or adoption.protocol != protocol.key:
        return _no(f"this site has not adopted {protocol.key}", "A prescriber can adopt it for the site.")
    if adoption.digest != protocol_digest(knowledge, protocol.key):
        return _no(f"{protocol.key} has changed since it was adopted", "Read it again and adopt it anew.")
    return protocol, protocol.change, adoption


def _no(value: str, next_: str) -> Refusal:
    return refuse(Reason.NOT_ALLOWED_NOW, "a proposal for the next dose", value, next=next_)


def _lowers(change: DoseChange, happened: Happened) -> list[str]:
    return [
        f"{e.term}, grade {e.grade}: from grade {change.down_from_grade} the dose is lowered"
        for e in happened.events
        if e.grade >= change.down_from_grade
    ]


def _keeps(change: DoseChange, happened: Happened) -> list[str]:
    """Every reason why the dose does not rise."""
    found = [
        f"{e.term}, grade {e.grade}: from grade {change.no_up_from_grade} the dose does not rise"
        for e in happened.events
        if e.grade >= change.no_up_from_grade
    ]
    if happened.open_safety_tasks:
        found.append("a safety task is open")
    if happened.outcome != "completed":
        found.append(f"the last dose was not completed ({happened.outcome or 'how it ended is not known'})")
    for name, rating, limit in (
        ("distress", happened.distress, change.no_up_from_distress),
        ("dissociation", happened.dissociation, change.no_up_from_dissociation),
    ):
        if rating is None:
            found.append(f"{name} was not rated")
        elif rating >= limit:
            found.append(f"{name} was rated {rating:g}: from {limit:g} the dose does not rise")
    if happened.improved_percent is None:
        found.append("the change of the score is not known")
    elif happened.improved_percent >= change.up_if_improved_less_than_percent:
        found.append(f"{_improved(change, happened)}: the dose is enough")
    return found


def _improved(change: DoseChange, happened: Happened) -> str:
    return f"{change.instrument} improved by {happened.improved_percent:.0f} % since before the first dose"


def _step(order: Order, change: DoseChange) -> Decimal:
    """The step upwards in mg of the base, by the weight that the order went by."""
    by_weight = change.step_up.endswith("/kg")
    quantity = units.parse(change.step_up, "step", "mg/kg" if by_weight else "mg")
    assert isinstance(quantity, units.Quantity), change.step_up
    if not by_weight:
        return quantity.to("mg")
    return quantity.to("mg/kg") * Decimal(str(order.weight_kg or 0))


def _within(
    order: Order, wanted: Decimal, low: Decimal, high: Decimal, knowledge: Knowledge
) -> Decimal | Refusal:
    """The largest dose, as labelled, of at most `wanted` (mg of base) that lies in the range and crosses no upper bound.

    Where `wanted` is below the range: the smallest of the range.
    """
    product = knowledge.products[order.product_key]
    route = route_for(knowledge, order.route, order.product)
    strength = strength_for(route, product, order.strength)
    if isinstance(strength, Refusal):
        return strength
    weight = None if order.weight_kg is None else Decimal(str(order.weight_kg))
    step = smallest_mg(strength)
    top = min(max(wanted, low), high)
    labelled = rounded_mg(strength, salt_mg(product, top) if product.expressed_as == "salt" else top) + step
    refused: Refusal = refuse(Reason.OUT_OF_RANGE, "dose", _mg(top), low=_mg(low), high=_mg(high))
    while labelled > 0 and (dose := shown_mg(base_mg(product, labelled))) >= low:
        check = check_dose(route, product, dose_mg=dose, weight_kg=weight) if dose <= top else refused
        if not isinstance(check, Refusal) and not any(b.high_mg < dose for b in check.bounds):
            return labelled
        labelled -= step
    return refused


def _mg(value: Decimal) -> str:
    return f"{units.show(value)} mg"


def highest(ratings: Sequence[object]) -> float | None:
    """The highest of a session's ratings; None where there was none."""
    numbers = [float(r) for r in ratings if isinstance(r, int | float) and not isinstance(r, bool)]
    return max(numbers, default=None)
