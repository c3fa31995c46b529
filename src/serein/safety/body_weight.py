"""Which body weight a dose is reckoned from: actual, ideal, adjusted.

Equations: Devine's ideal body weight, linear in height above a stated height, and the adjusted weight between
ideal and actual. Every number is in `knowledge/models/body-weight.toml`, with what it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Knowledge

SHOWN = Decimal("0.1")
"""Weights are kept as they are shown, so that a dose can be reckoned again from the page."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of one person, in kg, to one decimal.

    `ideal_kg` and `adjusted_kg` are None where the formula does not reach; `not_computed` then says why.
    `prescriber_picks` is true from the body-mass index at which nobody but the prescriber chooses.
    """

    actual_kg: Decimal
    ideal_kg: Decimal | None
    adjusted_kg: Decimal | None
    body_mass_index: Decimal
    prescriber_picks: bool
    basis: str
    not_computed: Refusal | None = None

    def choices(self) -> dict[str, Decimal]:
        """What may be picked: actual alone, or each weight that could be computed."""
        named = {"actual": self.actual_kg, "ideal": self.ideal_kg, "adjusted": self.adjusted_kg}
        if not self.prescriber_picks:
            return {"actual": self.actual_kg}
        return {name: weight for name, weight in named.items() if weight is not None}


def weights(
    knowledge: Knowledge, sex: str | None, height_cm: Decimal, weight_kg: Decimal
) -> Weights | Refusal:
    """Actual, ideal and adjusted weight, or a refusal of a height or weight that cannot be real.

    `sex` is the one for clinical calculations ("female", "male"; anything else leaves the ideal weight out).
    """
    for key, value in (("height", height_cm), ("weight", weight_kg)):
        if refusal := _implausible(knowledge, key, value):
            return refusal
    model = knowledge.models["body-weight"]
    index = weight_kg / (height_cm / 100) ** 2
    ideal = _ideal_kg(model, sex, height_cm)
    known = None if isinstance(ideal, Refusal) else ideal
    return Weights(
        actual_kg=weight_kg.quantize(SHOWN),
        ideal_kg=None if known is None else known.quantize(SHOWN),
        adjusted_kg=None if known is None else _adjusted_kg(model, known, weight_kg).quantize(SHOWN),
        body_mass_index=index.quantize(SHOWN),
        prescriber_picks=index >= _amount(model, "choose_from_body_mass_index", "kg/m2"),
        basis=str(model["basis"]),
        not_computed=ideal if isinstance(ideal, Refusal) else None,
    )


def _ideal_kg(model: Mapping[str, Any], sex: str | None, height_cm: Decimal) -> Decimal | Refusal:
    if sex not in ("female", "male"):
        return refuse(Reason.NOT_A_CHOICE, "sex for clinical calculations", sex or "", allowed="female, male")
    start_cm = _amount(model, "from_height", "cm")
    if height_cm < start_cm:
        return refuse(
            Reason.OUT_OF_RANGE,
            "height for the ideal weight",
            f"{units.show(height_cm)} cm",
            low=f"{units.show(start_cm)} cm",
            high="any height above",
        )
    steps = (height_cm - start_cm) / _amount(model, "step_height", "cm")
    return _amount(model, f"start_{sex}", "kg") + _amount(model, "step", "kg") * steps


def _adjusted_kg(model: Mapping[str, Any], ideal_kg: Decimal, actual_kg: Decimal) -> Decimal:
    return ideal_kg + Decimal(str(model["adjusted_share"])) * (actual_kg - ideal_kg)


def _amount(model: Mapping[str, Any], name: str, unit: str) -> Decimal:
    quantity = units.parse(str(model[name]), name, unit)
    assert not isinstance(quantity, Refusal), quantity
    return quantity.to(unit)


def _implausible(knowledge: Knowledge, key: str, value: Decimal) -> Refusal | None:
    fact = knowledge.facts[key]
    assert fact.plausible is not None
    assert fact.unit is not None
    low, high = fact.plausible
    if value.is_finite() and Decimal(str(low)) <= value <= Decimal(str(high)):
        return None
    return refuse(
        Reason.OUT_OF_RANGE,
        key,
        f"{value} {fact.unit}",
        low=f"{low:g} {fact.unit}",
        high=f"{high:g} {fact.unit}",
    )
