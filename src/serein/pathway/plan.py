"""The plan: from what a prescriber wants to an order that could be signed, or the first reason why not.

Clinical situation first, dose second, bounds third, rounding (down) last, and then the bounds again. A dose is
never repaired: what crosses a recommended bound needs a reason, what crosses an absolute one is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Knowledge, Product, Protocol, Route
from serein.logic import Facts, Known, Statement
from serein.pharmacology import Assumption, ThreeCompartment, band
from serein.safety.body_weight import Weights, weights
from serein.safety.guardrail import DoseCheck, check_dose, guardrail_for, pump_rate
from serein.units import Quantity

DOSE_SHOWN = Decimal("0.1")
"""mg. A dose is kept as it is shown and drawn up; it is rounded down to this, never up."""
SETTING_SHOWN = Decimal("0.01")
"""mL, mL/h and mg/h, as a pump shows them; rounded down."""
CURVE_UNTIL_MIN, CURVE_EVERY_MIN = 240.0, 5.0
"""How far and how finely the predicted curve is drawn: a page, not a prediction."""


class AsNeeded(msgspec.Struct, frozen=True):
    """A medicine that may be given beside the dose: what, how much, for what."""

    medicine: str
    dose: str
    for_: str = msgspec.field(name="for")


class Series(msgspec.Struct, frozen=True):
    """How many sessions, how far apart, within what span (quantities as text)."""

    sessions: int
    spacing: str
    over: str


class Wish(msgspec.Struct, frozen=True):
    """What the prescriber asks for, already parsed at the border. Quantities as text with their units.

    `dose_low` and `dose_high` empty: the order has one dose. `weight_basis` empty: nobody picked.
    """

    product_key: str
    route: str
    dose: str
    over: str
    sessions: int
    spacing: str
    series_over: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    dose_low: str = ""
    dose_high: str = ""
    weight_basis: str = ""
    concentration: str = ""
    protocol: str = ""
    as_needed: tuple[AsNeeded, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """What a prescriber signs, complete and in numbers: mg of the base, min, mg/h, mg/mL, mL, mL/h, kg."""

    product: str
    product_key: str
    route: str
    dose: str
    dose_mg: float
    dose_low_mg: float
    dose_high_mg: float
    over_min: float
    rate_mg_per_h: float | None
    concentration_mg_per_ml: float | None
    volume_ml: float | None
    pump_ml_per_h: float | None
    weight_kg: float | None
    weight_basis: str
    weight_measured_at: dt.datetime | None
    as_needed: tuple[AsNeeded, ...]
    series: Series
    valid_from: dt.datetime
    valid_until: dt.datetime
    protocol: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it: what was shown is what is signed."""
        return sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True)
class Measured:
    """The weight in force: kg, when it was measured, until when it counts, and what may be picked."""

    weight_kg: Decimal
    at: dt.datetime
    until: dt.datetime | None
    weights: Weights


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


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that could be signed, with everything it was held against."""

    order: Order
    checks: tuple[tuple[str, DoseCheck], ...]
    """("lowest dose" | "dose" | "highest dose", what it was held against)."""
    measured: Measured | None

    @property
    def needs_reason(self) -> bool:
        return any(check.needs_reason for _, check in self.checks)

    @property
    def check(self) -> DoseCheck:
        return dict(self.checks)["dose"]


def measured(facts: Facts) -> Measured | Refusal:
    """The measured weight within its validity, with actual, ideal and adjusted weight; or what to measure."""
    weight = _number(facts, "weight")
    if isinstance(weight, Refusal):
        return weight
    height = _number(facts, "height")
    if isinstance(height, Refusal):
        return height
    sex = facts["sex"]
    found = weights(facts.knowledge, str(sex.value) if isinstance(sex, Known) else None, height[0], weight[0])
    if isinstance(found, Refusal):
        return found
    validity_s = facts.knowledge.facts["weight"].validity_s
    until = None if validity_s is None else weight[1] + dt.timedelta(seconds=validity_s)
    return Measured(weight[0], weight[1], until, found)


def _number(facts: Facts, key: str) -> tuple[Decimal, dt.datetime] | Refusal:
    resolved = facts[key]
    if isinstance(resolved, Known):
        return Decimal(str(resolved.value)), resolved.at
    if resolved.why == "lapsed":
        at = resolved.statements[0].at
        return refuse(
            Reason.LAPSED, key, f"measured on {at:%Y-%m-%d}", next=f"Measure the {key} again and record it."
        )
    if resolved.why == "disagreement":
        said = ", ".join(str(s.value) for s in resolved.statements)
        return refuse(Reason.MISMATCH, key, said, next=f"Measure the {key} again and record it.")
    return refuse(Reason.MISSING, key)


def draft_order(
    wish: Wish, *, statements: Iterable[Statement], at: dt.datetime, knowledge: Knowledge
) -> Draft | Refusal:
    """The order that this wish would become at this instant, or the first refusal."""
    found = _product_and_route(wish, knowledge)
    if isinstance(found, Refusal):
        return found
    product, route = found
    guardrail = guardrail_for(route, product)
    if isinstance(guardrail, Refusal):
        return guardrail
    weighed: Measured | None = None
    weight_kg: Decimal | None = None
    if guardrail.per == "weight":
        answer = measured(Facts(statements, knowledge, at))
        if isinstance(answer, Refusal):
            return answer
        picked = picked_weight(answer, wish.weight_basis)
        if isinstance(picked, Refusal):
            return picked
        weighed, weight_kg = answer, picked
    doses = _doses(wish, weight_kg)
    if isinstance(doses, Refusal):
        return doses
    checks = []
    for name, dose_mg in doses.items():
        check = _checked(route, product, dose_mg, weight_kg)
        if isinstance(check, Refusal):
            return _named(check, name)
        checks.append((name, check))
    doses = {name: _rounded(dose_mg) for name, dose_mg in doses.items()}
    order = _order(wish, product, route, doses, weighed, weight_kg, at)
    return order if isinstance(order, Refusal) else Draft(order, tuple(checks), weighed)


def _checked(
    route: Route, product: Product, dose_mg: Decimal, weight_kg: Decimal | None
) -> DoseCheck | Refusal:
    """Held against the bounds before rounding and after: rounding must not carry a dose back across one."""
    exact = check_dose(route, product, dose_mg=dose_mg, weight_kg=weight_kg)
    if isinstance(exact, Refusal):
        return exact
    return check_dose(route, product, dose_mg=_rounded(dose_mg), weight_kg=weight_kg)


def _named(refusal: Refusal, name: str) -> Refusal:
    return (
        Refusal(refusal.reason, name, refusal.value, refusal.details) if refusal.field == "dose" else refusal
    )


def _product_and_route(wish: Wish, knowledge: Knowledge) -> tuple[Product, Route] | Refusal:
    product, route = knowledge.products.get(wish.product_key), knowledge.routes.get(wish.route)
    if product is None:
        return refuse(
            Reason.NOT_KNOWN_HERE, "product", wish.product_key, allowed=", ".join(knowledge.products)
        )
    if route is None:
        return refuse(Reason.NOT_KNOWN_HERE, "route", wish.route, allowed=", ".join(product.routes))
    return product, route


def picked_weight(found: Measured, basis: str) -> Decimal | Refusal:
    """The weight that the dose goes by. From the body-mass index at which the prescriber picks, nobody else does."""
    choices = found.weights.choices()
    if basis in choices:
        return choices[basis]
    if not basis and not found.weights.prescriber_picks:
        return choices["actual"]
    if not basis:
        return refuse(Reason.MISSING, "weight basis")
    return refuse(Reason.NOT_A_CHOICE, "weight basis", basis, allowed=", ".join(choices))


def _doses(wish: Wish, weight_kg: Decimal | None) -> dict[str, Decimal] | Refusal:
    """The planned dose in mg, and the lowest and highest where the order has a range; not yet rounded."""
    given = {"lowest dose": wish.dose_low, "dose": wish.dose, "highest dose": wish.dose_high}
    found: dict[str, Decimal] = {}
    for name, written in given.items():
        if name != "dose" and not written:
            continue
        dose_mg = _dose_mg(name, written, weight_kg)
        if isinstance(dose_mg, Refusal):
            return dose_mg
        found[name] = dose_mg
    low, high = _range(found)
    if not low <= found["dose"] <= high:
        return refuse(
            Reason.MISMATCH,
            "dose",
            f"{units.show(found['dose'])} mg outside {units.show(low)} to {units.show(high)} mg",
            next="The dose must lie within the lowest and the highest.",
        )
    return found


def _range(doses: dict[str, Decimal]) -> tuple[Decimal, Decimal]:
    return doses.get("lowest dose", doses["dose"]), doses.get("highest dose", doses["dose"])


def _dose_mg(name: str, written: str, weight_kg: Decimal | None) -> Decimal | Refusal:
    quantity = parse_dose(written, name, by_weight=weight_kg is not None)
    if isinstance(quantity, Refusal):
        return quantity
    if units.UNITS[quantity.unit][0] == "mass":
        dose_mg = quantity.to("mg")
    else:
        assert weight_kg is not None, "parse_dose refuses it"
        dose_mg = quantity.to("mg/kg") * weight_kg
    return dose_mg


def _rounded(dose_mg: Decimal) -> Decimal:
    return dose_mg.quantize(DOSE_SHOWN, rounding=ROUND_FLOOR)


def parse_dose(written: str, field: str, *, by_weight: bool) -> Quantity | Refusal:
    """A dose with its unit: mg, or by weight mg/kg where the product goes by weight."""
    wanted = "mg/kg" if by_weight else "mg"
    quantity = units.parse(written, field, wanted, positive=True)
    if by_weight and isinstance(quantity, Refusal) and quantity.reason is Reason.WRONG_DIMENSION:
        quantity = units.parse(written, field, "mg", positive=True)
        if isinstance(quantity, Refusal) and quantity.reason is Reason.WRONG_DIMENSION:
            return refuse(Reason.WRONG_DIMENSION, field, written, unit="mg/kg or mg")
    return quantity


def _order(
    wish: Wish,
    product: Product,
    route: Route,
    doses: dict[str, Decimal],
    weighed: Measured | None,
    weight_kg: Decimal | None,
    at: dt.datetime,
) -> Order | Refusal:
    over_min = _minutes("duration", wish.over)
    if isinstance(over_min, Refusal):
        return over_min
    refusal = _series_refused(wish, route) or _validity_refused(wish, at)
    if refusal:
        return refusal
    pump = _pump(wish, product, route, doses["dose"], over_min)
    if isinstance(pump, Refusal):
        return pump
    concentration, volume, rate = pump
    basis = (wish.weight_basis or "actual") if weighed else ""
    low, high = _range(doses)
    return Order(
        product=product.substance,
        product_key=product.key,
        route=route.key,
        dose=wish.dose,
        dose_mg=float(doses["dose"]),
        dose_low_mg=float(low),
        dose_high_mg=float(high),
        over_min=float(over_min),
        rate_mg_per_h=_shown(doses["dose"] * 60 / over_min) if route.infusion else None,
        concentration_mg_per_ml=concentration,
        volume_ml=volume,
        pump_ml_per_h=rate,
        weight_kg=None if weight_kg is None else float(weight_kg),
        weight_basis=basis,
        weight_measured_at=weighed.at if weighed else None,
        as_needed=wish.as_needed,
        series=Series(wish.sessions, wish.spacing, wish.series_over),
        valid_from=wish.valid_from,
        valid_until=wish.valid_until,
        protocol=wish.protocol,
    )


def _pump(
    wish: Wish, product: Product, route: Route, dose_mg: Decimal, over_min: Decimal
) -> tuple[float, float, float] | tuple[None, None, None] | Refusal:
    """Concentration (mg/mL), volume (mL) and rate (mL/h) where the route has a pump."""
    if not route.infusion:
        return None, None, None
    concentration = units.parse(wish.concentration, "concentration", "mg/mL", positive=True)
    if isinstance(concentration, Refusal):
        return concentration
    setting = pump_rate(
        route,
        product,
        dose_mg=dose_mg,
        concentration_mg_per_ml=concentration.to("mg/mL"),
        over_min=over_min,
    )
    if isinstance(setting, Refusal):
        return setting
    return (
        float(setting.concentration_mg_per_ml),
        _shown(setting.volume_ml),
        _shown(setting.rate_ml_per_h),
    )


def _shown(value: Decimal) -> float:
    return float(value.quantize(SETTING_SHOWN, rounding=ROUND_FLOOR))


def _minutes(field: str, written: str) -> Decimal | Refusal:
    quantity = units.parse(written, field, "min", positive=True)
    return quantity if isinstance(quantity, Refusal) else quantity.to("min")


def _series_refused(wish: Wish, route: Route) -> Refusal | None:
    if wish.sessions < 1:
        return refuse(Reason.NEGATIVE, "sessions", wish.sessions)
    spacing, over = _minutes("spacing", wish.spacing), _minutes("series span", wish.series_over)
    least = _minutes("least spacing", route.minimum_spacing)
    for value in (spacing, over, least):
        if isinstance(value, Refusal):
            return value
    assert isinstance(spacing, Decimal)
    assert isinstance(over, Decimal)
    assert isinstance(least, Decimal)
    if spacing < least:
        return refuse(
            Reason.OUT_OF_RANGE, "spacing", wish.spacing, low=route.minimum_spacing, high="any longer"
        )
    if spacing * (wish.sessions - 1) > over:
        return refuse(
            Reason.MISMATCH,
            "series span",
            f"{wish.sessions} sessions, one every {wish.spacing}, within {wish.series_over}",
            next="Give fewer sessions, less time between them, or a longer span.",
        )
    return None


def _validity_refused(wish: Wish, at: dt.datetime) -> Refusal | None:
    latest = max(wish.valid_from, at)
    if wish.valid_until <= latest:
        return refuse(
            Reason.OUT_OF_ORDER,
            "valid until",
            f"{wish.valid_until:%Y-%m-%d %H:%M} UTC",
            earliest=f"{latest:%Y-%m-%d %H:%M} UTC",
        )
    return None


def may_sign(draft: Draft, *, shown_digest: str, reason: str, stands: frozenset[str]) -> Refusal | None:
    """Why this draft cannot become an order, or None.

    `shown_digest` is of the order that the prescriber saw; `stands` are the kinds that hold for the course now.
    """
    for kind in ("decision", "consent"):
        if kind not in stands:
            return refuse(
                Reason.NOT_ALLOWED_NOW,
                "signing the order",
                f"no valid {kind}",
                next=f"Complete the {kind} first.",
            )
    if draft.order.digest != shown_digest:
        return refuse(
            Reason.CHANGED_MEANWHILE, "the order", f"the dose is now {units.show(draft.order.dose_mg)} mg"
        )
    if draft.needs_reason and not reason.strip():
        return refuse(Reason.NEEDS_REASON, "reason")
    return None


def usual_protocol(product: Product, route: Route, knowledge: Knowledge) -> Protocol | None:
    """The protocol to begin from, if one is written for this product and route."""
    for protocol in knowledge.protocols.values():
        if product.substance in protocol.products and protocol.route == route.key:
            return protocol
    return None


def curve(order: Order, measured_kg: float, knowledge: Knowledge, age_years: float | None) -> Curve | Refusal:
    """The predicted band for the order's dose in people of this measured weight.

    Refused where the route has no model, and where the model refuses.
    """
    key = knowledge.routes[order.route].model
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


def series_starts(
    first: dt.datetime, series: Series, minimum_spacing: str, time_zone: str
) -> tuple[dt.datetime, ...] | Refusal:
    """Proposed starts, all at the first one's clock time at the site, in UTC.

    A spacing that is no whole number of days alternates (84 h: three days, then four). Refused if two starts
    would come closer than the least spacing.
    """
    zone = ZoneInfo(time_zone)
    local = first.astimezone(zone)
    step = units.parse(series.spacing, "spacing", "d", positive=True)
    least = units.parse(minimum_spacing, "least spacing", "h", positive=True)
    if isinstance(step, Refusal):
        return step
    assert isinstance(least, Quantity)
    starts = tuple(
        dt.datetime.combine(
            local.date() + dt.timedelta(days=int(step.to("d") * n)), local.time(), zone
        ).astimezone(dt.UTC)
        for n in range(series.sessions)
    )
    gap = dt.timedelta(hours=float(least.to("h")))
    for before, after in pairwise(starts):
        if after - before < gap:
            return refuse(
                Reason.OUT_OF_RANGE, "spacing", series.spacing, low=minimum_spacing, high="any longer"
            )
    return starts


def chair_minutes(order: Order, route: Route) -> int:
    """How long the chair is taken: the dose and the least observation after it, in whole minutes."""
    observation = _minutes("least observation", route.minimum_observation)
    assert isinstance(observation, Decimal)
    before = Decimal(0) if route.observation_from == "start of dosing" else Decimal(str(order.over_min))
    return int((before + observation).to_integral_value(rounding=ROUND_CEILING))
