"""Quantities with units: parse or refuse, convert, show.

Unit codes are UCUM where one exists, written as clinicians write them; doses are shown by the ISMP rules:
leading zero, no trailing zero, "micrograms" in full. Source: ISMP List of Error-Prone Abbreviations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from serein.errors import Reason, Refusal, refuse

# unit: (dimension, how many of the dimension's base unit)
UNITS: dict[str, tuple[str, Decimal]] = {
    "mg": ("mass", Decimal(1)),
    "g": ("mass", Decimal(1000)),
    "micrograms": ("mass", Decimal("0.001")),
    "kg": ("mass", Decimal(1_000_000)),
    "mg/kg": ("dose by weight", Decimal(1)),
    "micrograms/kg": ("dose by weight", Decimal("0.001")),
    "mg/h": ("mass rate", Decimal(1)),
    "mg/min": ("mass rate", Decimal(60)),
    "mg/kg/h": ("mass rate by weight", Decimal(1)),
    "mL": ("volume", Decimal(1)),
    "L": ("volume", Decimal(1000)),
    "mL/h": ("volume rate", Decimal(1)),
    "mg/mL": ("concentration", Decimal(1)),
    "ng/mL": ("concentration", Decimal("0.000001")),
    "s": ("time", Decimal(1)),
    "min": ("time", Decimal(60)),
    "h": ("time", Decimal(3600)),
    "d": ("time", Decimal(86400)),
    "wk": ("time", Decimal(604800)),
    "a": ("time", Decimal(31557600)),  # UCUM year, 365.25 d: ages and long intervals, never a dose interval
    "mmHg": ("pressure", Decimal(1)),
    "kPa": ("pressure", Decimal("7.50061683")),
    "/min": ("frequency", Decimal(1)),
    "%": ("fraction", Decimal(1)),
    "Cel": ("temperature", Decimal(1)),
    "cm": ("length", Decimal(1)),
    "m": ("length", Decimal(100)),
    "kg/m2": ("body-mass index", Decimal(1)),
    "ms": ("short time", Decimal(1)),
    "U/L": ("enzyme activity", Decimal(1)),
    "ukat/L": ("enzyme activity", Decimal(60)),  # 1 U is 1 umol/min, 1 kat is 1 mol/s
    "mg/dL": ("laboratory mass concentration", Decimal(1)),
    "mg/L": ("laboratory mass concentration", Decimal("0.1")),
    "g/L": ("laboratory mass concentration", Decimal(100)),
    "mmol/L": ("amount concentration", Decimal(1)),
    "umol/L": ("amount concentration", Decimal("0.001")),
    "pg/mL": ("trace mass concentration", Decimal(1)),
    "ng/L": ("trace mass concentration", Decimal(1)),
    "mL/min/{1.73_m2}": ("filtration rate", Decimal(1)),
    "{score}": ("score", Decimal(1)),
    "{count}": ("count", Decimal(1)),
}

# What records and people write for the same unit.
SYNONYMS = {
    "mm[Hg]": "mmHg",
    "mm Hg": "mmHg",
    "ug": "micrograms",
    "mcg": "micrograms",
    "µg": "micrograms",
    "μg": "micrograms",
    "microgram": "micrograms",
    "mcg/kg": "micrograms/kg",
    "ml": "mL",
    "ml/h": "mL/h",
    "mL/hr": "mL/h",
    "mg/ml": "mg/mL",
    "hour": "h",
    "hours": "h",
    "minutes": "min",
    "minute": "min",
    "seconds": "s",
    "days": "d",
    "day": "d",
    "weeks": "wk",
    "week": "wk",
    "years": "a",
    "year": "a",
    "bpm": "/min",
    "{beats}/min": "/min",
    "{breaths}/min": "/min",
    "{beat}/min": "/min",
    "{breath}/min": "/min",
    "degC": "Cel",
    "°C": "Cel",
    "[kg/m2]": "kg/m2",
    "(score)": "{score}",
    "µmol/L": "umol/L",
    "μmol/L": "umol/L",
    "mg/dl": "mg/dL",
    "IU/L": "U/L",
    "[IU]/L": "U/L",
    "µkat/L": "ukat/L",
    "μkat/L": "ukat/L",
    "mL/min/1.73_m2": "mL/min/{1.73_m2}",
}

MOST_DIGITS = 100
"""Decimal places of a number on either side: far beyond any physical quantity, well inside a float."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"^\s*({_NUMBER})\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, exact as written."""

    value: Decimal
    unit: str

    def to(self, unit: str) -> Decimal:
        """The same quantity in `unit`. A different dimension is a bug here: `parse` refuses it at the border."""
        (have, scale), (want, target) = UNITS[self.unit], UNITS[unit]
        if have != want:
            raise ValueError(f"{self.unit} is {have}, {unit} is {want}")
        return self.value * scale / target

    def __str__(self) -> str:
        return f"{show(self.value)} {self.unit}"


def canonical_unit(text: str) -> str | None:
    """The unit's own spelling, or None for one that Serein does not know."""
    unit = text.strip()
    unit = SYNONYMS.get(unit, unit)
    return unit if unit in UNITS else None


def number(text: str, field: str) -> Decimal | Refusal:
    """A plain decimal number. A comma, NaN or infinity is refused, never repaired."""
    raw = text.strip()
    if not raw:
        return refuse(Reason.MISSING, field)
    if "," in raw:
        return refuse(Reason.DECIMAL_COMMA, field, raw)
    value = _decimal(raw) if re.fullmatch(_NUMBER, raw) else None
    return refuse(Reason.NOT_A_NUMBER, field, raw) if value is None else value


def _decimal(written: str) -> Decimal | None:
    """The number, or None for one too large or too small for anything physical."""
    try:
        value = Decimal(written)
    except InvalidOperation:  # an exponent that no decimal has
        return None
    return value if abs(value.adjusted()) <= MOST_DIGITS else None


def parse(text: str, field: str, unit: str, *, positive: bool = False) -> Quantity | Refusal:
    """`"0.5 mg/kg"` -> Quantity in a unit of the same dimension as `unit`, or a refusal.

    `unit` is the unit that is wanted (it names the dimension and is shown in the refusal); the answer keeps the
    unit that was written. `positive` refuses zero and below.
    """
    raw = text.strip()
    if not raw:
        return refuse(Reason.MISSING, field)
    if re.match(r"^\s*[+-]?\d+,\d", raw):
        return refuse(Reason.DECIMAL_COMMA, field, raw)
    match = _QUANTITY.match(raw)
    value, written = (_decimal(match[1]), match[2]) if match else (None, "")
    if match is None or value is None:
        return refuse(Reason.NOT_A_NUMBER, field, raw)
    if not written:
        return refuse(Reason.NO_UNIT, field, raw, example=f"{match[1]} {unit}")
    known = canonical_unit(written)
    if known is None:
        same = [u for u, (dimension, _) in UNITS.items() if dimension == UNITS[unit][0]]
        return refuse(Reason.UNKNOWN_UNIT, field, raw, allowed=", ".join(same))
    if UNITS[known][0] != UNITS[unit][0]:
        return refuse(Reason.WRONG_DIMENSION, field, raw, unit=unit)
    if positive and value <= 0:
        return refuse(Reason.NEGATIVE, field, raw)
    return Quantity(value, known)


def show(value: Decimal | float | int) -> str:
    """A number by the ISMP rules: leading zero, no trailing zero, no exponent."""
    number_ = value if isinstance(value, Decimal) else Decimal(str(value))
    text = format(number_.normalize(), "f")
    return "0" if text in {"-0", ""} else text
