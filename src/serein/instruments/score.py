"""Answers of one questionnaire -> its score.

An answer is one of the instrument's values, or "-" for an item left out. Anything else, and a wrong number of
answers, is refused; nothing is guessed. Whether items left out are made good is said by the instrument's file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Instrument

MISSING = "-"
Safety = Literal["none", "positive", "unknown"]


class NoTotal(StrEnum):
    """Why a score has no total. Every member has its sentence in `SENTENCES`."""

    TOO_MANY_MISSING = "too-many-missing"
    NOTHING_ANSWERED = "nothing-answered"


SENTENCES: dict[NoTotal, str] = {
    NoTotal.TOO_MANY_MISSING: "More items were left out than the instrument can make good.",
    NoTotal.NOTHING_ANSWERED: "No item was answered.",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one questionnaire, in the order of its items; None for an item left out."""

    instrument: str
    values: tuple[int | None, ...]

    def __str__(self) -> str:
        return " ".join(MISSING if v is None else str(v) for v in self.values)


@dataclass(frozen=True, slots=True)
class Score:
    """What a questionnaire came to.

    `missing` has the numbers of the items left out, from 1. `total` is None exactly if `why_no_total` says why;
    `prorated` marks a total in which items left out were made good. `band` is the key of the instrument's band.
    `safety` is "positive" if the safety item was answered at or above its limit, "unknown" if it was left out
    (a clinician has to ask), else "none"; an instrument without a safety item has "none".
    """

    instrument: str
    answers: Answers
    answered: int
    missing: tuple[int, ...]
    total: float | None
    prorated: bool
    band: str | None
    safety: Safety
    why_no_total: NoTotal | None = None


def parse_answers(instrument: Instrument, given: Sequence[str]) -> Answers | Refusal:
    """`["0", "3", "-", …]` -> `Answers`, or a refusal that names the count or the item."""
    if len(given) != len(instrument.items):
        return refuse(
            Reason.WRONG_COUNT, instrument.text.title, str(len(given)), expected=len(instrument.items)
        )
    allowed: dict[str, int | None] = {str(option.value): option.value for option in instrument.answers}
    allowed[MISSING] = None
    for item, answer in zip(instrument.items, given, strict=True):
        if answer.strip() not in allowed:
            return refuse(
                Reason.NOT_A_CHOICE,
                f"{instrument.text.title} item {item.number}",
                answer,
                allowed=", ".join(allowed),
            )
    return Answers(instrument.key, tuple(allowed[answer.strip()] for answer in given))


def score(instrument: Instrument, answers: Answers) -> Score:
    """The score of these answers. Answers of another instrument are a bug: `parse_answers` made them."""
    if answers.instrument != instrument.key or len(answers.values) != len(instrument.items):
        raise ValueError(f"answers of {answers.instrument} cannot be scored as {instrument.key}")
    given = [value for value in answers.values if value is not None]
    missing = tuple(
        item.number for item, value in zip(instrument.items, answers.values, strict=True) if value is None
    )
    why_no_total = _why_no_total(instrument, len(given), len(missing))
    total = None if why_no_total else _total(given, len(instrument.items))
    return Score(
        instrument=instrument.key,
        answers=answers,
        answered=len(given),
        missing=missing,
        total=total,
        prorated=total is not None and bool(missing),
        band=band_of(instrument, total),
        safety=_safety(instrument, answers),
        why_no_total=why_no_total,
    )


def band_of(instrument: Instrument, total: float | None) -> str | None:
    """The band in which a whole total lies; the loader has made sure that bands leave no gap."""
    if total is None:
        return None
    return next(band.name for band in instrument.bands if band.low <= total <= band.high)


def _why_no_total(instrument: Instrument, answered: int, missing: int) -> NoTotal | None:
    if answered == 0:
        return NoTotal.NOTHING_ANSWERED
    made_good = 0 if instrument.prorate == "none" else instrument.missing_allowed
    return NoTotal.TOO_MANY_MISSING if missing > made_good else None


def _total(given: list[int], items: int) -> float:
    """The mean of the answered items times the number of items, halves rounded up.

    With nothing left out that is the sum. Exact fractions: a binary 10.4999… must not decide a band.
    """
    return float(math.floor(Fraction(sum(given) * items, len(given)) + Fraction(1, 2)))


def _safety(instrument: Instrument, answers: Answers) -> Safety:
    if instrument.safety_item is None or instrument.safety_at_least is None:
        return "none"
    value = answers.values[instrument.safety_item - 1]
    if value is None:
        return "unknown"
    return "positive" if value >= instrument.safety_at_least else "none"
