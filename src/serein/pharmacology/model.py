"""A three-compartment model with an effect site, as a knowledge file states it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SITES = ("arterial", "venous")
BASES = ("label", "guideline", "trial", "practice", "assumption")
WHEN = ("always", "weight-beyond-expected", "age-not-stated", "band")
KIND = "three-compartment"
KEYS = {
    "key",
    "title",
    "kind",
    "products",
    "routes",
    "sampling_site",
    "dose_as",
    "evidence",
    "written_by",
    "checked_by",
    "reviewed_on",
    "review_due",
    "text",
    "disposition",
    "effect_site",
    "variability",
    "validity",
    "assumptions",
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Disposition and effect-site delay of one person, or of many: every field broadcasts with the others."""

    v1_l: float | Array
    v2_l: float | Array
    v3_l: float | Array
    cl_l_per_h: float | Array
    q2_l_per_h: float | Array
    q3_l_per_h: float | Array
    half_life_min: float | Array
    """Half-life of the equilibration between blood and effect site."""


VOLUMES = ("v1_l", "v2_l", "v3_l")
CLEARANCES = ("cl_l_per_h", "q2_l_per_h", "q3_l_per_h")
PARAMETERS = tuple(field.name for field in fields(Parameters))


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a reader of a forecast must be told, and when."""

    key: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What one group of numbers rests on."""

    basis: str
    evidence: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ThreeCompartment:
    """A published three-compartment model: one indivisible set, never mixed with another's parts in code.

    Volumes are in L and clearances in L/h at `reference_weight_kg`; `variability` holds coefficients of
    variation (fractions) of log-normal parameters; ranges are (lowest, highest).
    """

    key: str
    title: str
    products: tuple[str, ...]
    routes: tuple[str, ...]
    sampling_site: str
    evidence: tuple[str, ...]
    text: Mapping[str, str]
    reference_weight_kg: float
    volume_exponent: float
    clearance_exponent: float
    typical: Parameters
    variability: Mapping[str, float]
    plausible_weight_kg: tuple[float, float]
    expected_weight_kg: tuple[float, float]
    plausible_age_years: tuple[float, float]
    plausible_dose_mg_per_kg: tuple[float, float]
    assumptions: tuple[Assumption, ...]
    rests_on: Mapping[str, Basis]
    """Group of numbers (disposition, effect_site, variability, validity) -> what it rests on."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ThreeCompartment:
        """The model that a parsed knowledge file states.

        Raises `ValueError`, its message beginning with the key at fault, for anything missing, unknown,
        of the wrong kind or impossible.
        """
        top = _Table("", data)
        top.only(KEYS)
        top.one_of("kind", (KIND,))
        top.one_of("dose_as", ("base",))
        top.reviewed()
        disposition, effect_site = top.table("disposition"), top.table("effect_site")
        variability, validity = top.table("variability"), top.table("validity")
        groups = {
            "disposition": (
                disposition,
                {"reference_weight_kg", "volume_exponent", "clearance_exponent", *VOLUMES, *CLEARANCES},
            ),
            "effect_site": (effect_site, {"half_life_min"}),
            "variability": (variability, set(PARAMETERS)),
            "validity": (
                validity,
                {
                    "plausible_weight_kg",
                    "expected_weight_kg",
                    "plausible_age_years",
                    "plausible_dose_mg_per_kg",
                },
            ),
        }
        rests_on = {name: table.basis(numbers) for name, (table, numbers) in groups.items()}
        return cls(
            key=top.words("key"),
            title=top.words("title"),
            products=top.list_of_words("products"),
            routes=top.list_of_words("routes"),
            sampling_site=top.one_of("sampling_site", SITES),
            evidence=top.list_of_words("evidence"),
            text=top.table("text").all_words(("title", "summary")),
            reference_weight_kg=disposition.positive("reference_weight_kg"),
            volume_exponent=disposition.positive("volume_exponent"),
            clearance_exponent=disposition.positive("clearance_exponent"),
            typical=Parameters(
                **{name: disposition.positive(name) for name in (*VOLUMES, *CLEARANCES)},
                half_life_min=effect_site.positive("half_life_min"),
            ),
            variability={name: variability.positive(name) for name in PARAMETERS},
            plausible_weight_kg=validity.range("plausible_weight_kg"),
            expected_weight_kg=validity.range("expected_weight_kg"),
            plausible_age_years=validity.range("plausible_age_years"),
            plausible_dose_mg_per_kg=validity.range("plausible_dose_mg_per_kg"),
            assumptions=_assumptions(top),
            rests_on=rests_on,
        )

    def at_weight(self, weight_kg: float | Array) -> Parameters:
        """Typical parameters at `weight_kg` (a number or an array), by allometry; the delay does not scale."""
        size = weight_kg / self.reference_weight_kg
        volume, clearance = size**self.volume_exponent, size**self.clearance_exponent
        return Parameters(
            **{name: getattr(self.typical, name) * volume for name in VOLUMES},
            **{name: getattr(self.typical, name) * clearance for name in CLEARANCES},
            half_life_min=self.typical.half_life_min,
        )

    def told(self, *situations: str) -> tuple[Assumption, ...]:
        """The assumptions that a reader is told always and in these situations."""
        return tuple(a for a in self.assumptions if a.when == "always" or a.when in situations)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file; every complaint names its key."""

    name: str
    content: Mapping[str, Any]

    def key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def wrong(self, key: str, problem: str) -> ValueError:
        return ValueError(f"{self.key(key)}: {problem}")

    def get(self, key: str) -> Any:
        if key not in self.content:
            raise self.wrong(key, "is missing")
        return self.content[key]

    def only(self, allowed: set[str]) -> None:
        for key in self.content:
            if key not in allowed:
                raise self.wrong(key, "is not a key of a model")

    def table(self, key: str) -> _Table:
        value = self.get(key)
        if not isinstance(value, Mapping):
            raise self.wrong(key, "must be a table")
        return _Table(self.key(key), value)

    def words(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be text")
        return value

    def all_words(self, keys: tuple[str, ...]) -> dict[str, str]:
        self.only(set(keys))
        return {key: self.words(key) for key in keys}

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.words(key)
        if value not in allowed:
            raise self.wrong(key, f'must be one of {", ".join(allowed)}, not "{value}"')
        return value

    def list_of_words(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        if (
            not isinstance(value, list | tuple)
            or not value
            or not all(isinstance(v, str) and v for v in value)
        ):
            raise self.wrong(key, "must be a list of names")
        return tuple(value)

    def number(self, key: str) -> float:
        return _number(self.get(key), self.key(key))

    def positive(self, key: str) -> float:
        value = self.number(key)
        if value <= 0:
            raise self.wrong(key, f"must be above zero, not {value:g}")
        return value

    def range(self, key: str) -> tuple[float, float]:
        value = self.get(key)
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise self.wrong(key, "must be [lowest, highest]")
        low, high = (_number(v, self.key(key)) for v in value)
        if not 0 <= low < high:
            raise self.wrong(key, f"must rise from zero or above: {low:g} to {high:g}")
        return low, high

    def basis(self, numbers: set[str]) -> Basis:
        self.only({"basis", "evidence", "note", *numbers})
        basis = self.one_of("basis", BASES)
        if basis != "assumption" and "evidence" not in self.content:
            raise self.wrong("evidence", "is missing: only an assumption may have none")
        evidence = self.list_of_words("evidence") if "evidence" in self.content else ()
        return Basis(basis, evidence, self.words("note"))

    def reviewed(self) -> None:
        self.words("written_by")
        self.words("checked_by")
        for key in ("reviewed_on", "review_due"):
            # A pack read back from its stored JSON has dates as text.
            value = self.get(key)
            if not isinstance(value, dt.date):
                try:
                    dt.date.fromisoformat(value)
                except (TypeError, ValueError):
                    raise self.wrong(key, "must be a date") from None


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key}: must be a number, not {value!r}")
    return float(value)


def _assumptions(top: _Table) -> tuple[Assumption, ...]:
    found = top.get("assumptions")
    if not isinstance(found, list | tuple) or not found:
        raise top.wrong("assumptions", "must be a list of tables")
    tables = []
    for place, raw in enumerate(found):
        if not isinstance(raw, Mapping):
            raise top.wrong(f"assumptions[{place}]", "must be a table")
        tables.append(_Table(f"assumptions[{place}]", raw))
    for table in tables:
        table.only({"key", "when", "text"})
    return tuple(Assumption(t.words("key"), t.one_of("when", WHEN), t.words("text")) for t in tables)
