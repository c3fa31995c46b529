"""How a dose leaves its container: mL from a vial, a dilution for the pump, whole units, injection sites.

An amount "as labelled" is of what the product's label counts, salt or base; bounds are always of the base. Rounding
is down, to what can be measured or counted, and comes last: whoever rounds checks the bounds again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Basis, Product, Route, Strength_

DOSE_SHOWN = Decimal("0.1")
"""mg. A dose is kept as it is shown and drawn up; it is rounded down to this, never up."""
VOLUME_SHOWN = Decimal("0.01")
"""mL, as a small syringe shows it."""


@dataclass(frozen=True, slots=True)
class SiteUse:
    """One place for the injection: how many are needed there and how much each is (mL)."""

    name: str
    injections: int
    each_ml: Decimal
    most_ml: Decimal
    basis: Basis
    why: str


@dataclass(frozen=True, slots=True)
class DrawUp:
    """For a pump: this much of one strength, made up with this much diluent (mL)."""

    strength: str
    container: str
    draw_ml: Decimal
    diluent_ml: Decimal
    note: str


@dataclass(frozen=True, slots=True)
class Preparation:
    """A dose in one strength, as labelled and as base (mg): either a volume (mL) or a number of units."""

    strength: str
    labelled_mg: Decimal
    base_mg: Decimal
    volume_ml: Decimal | None
    units: Decimal | None
    unit: str


def base_mg(product: Product, labelled_mg: Decimal) -> Decimal:
    """What a labelled amount is in base, unrounded. Label: 11.53 mg of the hydrochloride are 10 mg."""
    return labelled_mg if product.expressed_as == "base" else labelled_mg / _salt_per_base(product)


def shown_mg(dose_mg: Decimal) -> Decimal:
    """A dose as it is kept and shown, rounded down."""
    return dose_mg.quantize(DOSE_SHOWN, rounding=ROUND_FLOOR)


def salt_mg(product: Product, base: Decimal) -> Decimal:
    """What an amount of base is in salt, unrounded."""
    return base * _salt_per_base(product)


def _salt_per_base(product: Product) -> Decimal:
    return Decimal(str(product.salt.mg_per_mg_base))


def strength_for(route: Route, product: Product, written: str) -> Strength_ | Refusal | None:
    """The strength that is meant; None for a pump, whose concentration is made. The only one needs no saying."""
    if route.given_as == "infusion":
        return None
    if not written and len(product.strengths) == 1:
        return product.strengths[0]
    allowed = ", ".join(s.concentration for s in product.strengths)
    if not written:
        return refuse(Reason.MISSING, "strength")
    unit = "mg" if product.strengths[0].unit else "mg/mL"
    quantity = units.parse(written, "strength", unit, positive=True)
    if isinstance(quantity, Refusal):
        return quantity
    for strength in product.strengths:
        if _amount(strength.concentration, unit) == quantity.to(unit):
            return strength
    return refuse(Reason.NOT_A_CHOICE, "strength", written, allowed=allowed)


def smallest_mg(strength: Strength_ | None) -> Decimal:
    """The smallest labelled amount that can be told apart: a unit or its allowed part, or a syringe's mark."""
    if strength is None:
        return DOSE_SHOWN
    if strength.unit:
        return _amount(strength.concentration, "mg") / strength.parts
    return _amount(strength.concentration, "mg/mL") * VOLUME_SHOWN


def rounded_mg(strength: Strength_ | None, labelled_mg: Decimal) -> Decimal:
    """The largest amount of this strength that is not more, as labelled. May be 0."""
    step = smallest_mg(strength)
    whole = (labelled_mg / step).to_integral_value(rounding=ROUND_FLOOR) * step
    return whole if whole <= labelled_mg else whole - step  # the division itself may have rounded up


def prepare(product: Product, strength: Strength_, labelled_mg: Decimal) -> Preparation:
    """An amount that was rounded by `rounded_mg`, as a volume or a number of units."""
    base = shown_mg(base_mg(product, labelled_mg))
    written = strength.concentration
    if strength.unit:
        count = labelled_mg / _amount(written, "mg")
        return Preparation(written, labelled_mg, base, None, count, strength.unit)
    volume = labelled_mg / _amount(written, "mg/mL")
    return Preparation(written, labelled_mg, base, volume, None, "")


def ways(route: Route, product: Product, labelled_mg: Decimal) -> tuple[Preparation, ...]:
    """The same dose in every strength that can give exactly it, to choose from."""
    if route.given_as == "infusion":
        return ()
    return tuple(
        prepare(product, s, labelled_mg)
        for s in product.strengths
        if rounded_mg(s, labelled_mg) == labelled_mg
    )


def injection_sites(route: Route, volume_ml: Decimal) -> tuple[SiteUse, ...]:
    """Where a volume may go, in how many injections of equal size."""
    found = []
    for site in route.sites:
        most = _amount(site.most, "mL")
        count = int((volume_ml / most).to_integral_value(rounding=ROUND_CEILING))
        each = (volume_ml / count).quantize(VOLUME_SHOWN, rounding=ROUND_CEILING)
        found.append(SiteUse(site.name, count, each, most, site.basis, site.why))
    return tuple(found)


def draw_up(product: Product, *, dose_mg: Decimal, concentration_mg_per_ml: Decimal) -> tuple[DrawUp, ...]:
    """From each strength that is strong enough: what to draw, rounded down, and what to make it up with."""
    total = (dose_mg / concentration_mg_per_ml).quantize(VOLUME_SHOWN, rounding=ROUND_FLOOR)
    found = []
    for strength in product.strengths:
        have = _amount(strength.concentration, "mg/mL")
        if have >= concentration_mg_per_ml:
            draw = (dose_mg / have).quantize(VOLUME_SHOWN, rounding=ROUND_FLOOR)
            found.append(
                DrawUp(strength.concentration, strength.container, draw, total - draw, strength.note)
            )
    return tuple(found)


def _amount(written: str, unit: str) -> Decimal:
    quantity = units.parse(written, "amount", unit)
    assert not isinstance(quantity, Refusal), quantity
    return quantity.to(unit)
