"""The predicted curve of an order, where its route has a model."""

from __future__ import annotations

from dataclasses import dataclass

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import route_for
from serein.knowledge.types import Knowledge
from serein.pathway.plan.order import Order
from serein.pharmacology import Assumption, ThreeCompartment, band

CURVE_UNTIL_MIN, CURVE_EVERY_MIN = 240.0, 5.0
"""How far and how finely the predicted curve is drawn: a page, not a prediction."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The predicted plasma concentration (ng/mL) of people of this weight, and what the reader must be told."""

    time_min: tuple[float, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]
    levels: tuple[float, float]
    model: str
    marked: tuple[Assumption, ...]


def curve(order: Order, measured_kg: float, knowledge: Knowledge, age_years: float | None) -> Curve | Refusal:
    """The predicted band for the order's dose in people of this measured weight.

    Refused where the route has no model, and where the model refuses.
    """
    key = route_for(knowledge, order.route, order.product).model
    if not key:
        return refuse(Reason.NOT_KNOWN_HERE, "model", order.route, allowed="a route with a model")
    found = band(
        ThreeCompartment.from_data(knowledge.models[key]),
        weight_kg=measured_kg,
        dose_mg=order.dose_mg,
        over_min=order.over_min,
        until_min=max(CURVE_UNTIL_MIN, order.over_min),
        every_min=CURVE_EVERY_MIN,
        route=order.route,
        age_years=age_years,
    )
    if isinstance(found, Refusal):
        return found
    return Curve(
        time_min=tuple(found.time_min.tolist()),
        low=tuple(found.low.tolist()),
        median=tuple(found.median.tolist()),
        high=tuple(found.high.tolist()),
        levels=found.levels,
        model=key,
        marked=found.marked,
    )
