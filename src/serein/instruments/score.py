"""Answers of one questionnaire -> its score.

An answer is one of the instrument's values, or "-" for an item left out. Anything else, and a wrong number of
answers, is refused; nothing is guessed. Whether items left out are made good is said by the instrument's file.
Where the items are not here, the one answer is the total as it was taken elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    NOT_ADDED_UP = "not-added-up"


SENTENCES: dict[NoTotal, str] = {
    NoTotal.TOO_MANY_MISSING: "More items were left out than the instrument can make good.",
    NoTotal.NOTHING_ANSWERED: "No item was answered.",
    NoTotal.NOT_ADDED_UP: "These ratings stand each for itself and are not added up.",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one questionnaire, in the order of its items; None for an item left out.

    Of an instrument without items: its total. `parts`: sub-scores that were entered with it, by key.
    """

    instrument: str
    values: tuple[int | None, ...]
    parts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join(MISSING if v is None else str(v) for v in self.values)


@dataclass(frozen=True, slots=True)
class Score:
    """What a questionnaire came to.

    `missing` has the numbers of the items left out, from 1. `total` is None exactly if `why_no_total` says why;
    `prorated` marks a total in which items left out were made good. `band` is the key of the instrument's band.
    `safety` is "positive" if the safety item was answered at or above its limit, "unknown" if it was left out
    (a clinician has to ask), else "none"; an instrument without a safety item has "none". `parts` are the
    sub-scores by key: those whose items were all answered, or that were entered with the total.
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
    parts: Mapping[str, int] = field(default_factory=dict)


def parse_answers(instrument: Instrument, given: Sequence[str]) -> Answers | Refusal:
    """`["0", "3", "-", …]` -> `Answers`, or a refusal that names the count or the item."""
    if instrument.score_only:
        return _parse_one(instrument, given)
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


def _parse_one(instrument: Instrument, given: Sequence[str]) -> Answers | Refusal:
    if len(given) != 1:
        return refuse(Reason.WRONG_COUNT, instrument.text.title, str(len(given)), expected=1)
    if given[0].strip() == MISSING:
        return Answers(instrument.key, (None,))
    return parse_total(instrument, given[0])


def parse_total(
    instrument: Instrument, total: str, parts: Mapping[str, str] | None = None
) -> Answers | Refusal:
    """A total taken elsewhere, with its sub-scores if they are known: whole numbers inside their ranges.

    Refused: an instrument whose items are here (it is answered, and not only its total), an unknown sub-score, and
    sub-scores that are all there and do not add up to the total.
    """
    title = instrument.text.title
    if not instrument.score_only:
        needed = f"Give its {len(instrument.items)} answers: its questions are here."
        return refuse(Reason.NOT_ALLOWED_NOW, f"{title} as a total", total, next=needed)
    read = _whole(title, total, instrument.minimum, instrument.maximum)
    if isinstance(read, Refusal):
        return read
    known = {part.key: part for part in instrument.parts}
    entered: dict[str, int] = {}
    for key, written in (parts or {}).items():
        if key not in known:
            allowed = ", ".join(known) or "none"
            return refuse(Reason.NOT_KNOWN_HERE, f"{title} sub-score", key, allowed=allowed)
        part = known[key]
        value = _whole(f"{title}, {part.text}", written, part.minimum, part.maximum)
        if isinstance(value, Refusal):
            return value
        entered[key] = value
    adding = [part.key for part in instrument.parts if part.of_total]
    if adding and set(adding) <= set(entered) and sum(entered[key] for key in adding) != read:
        came = sum(entered[key] for key in adding)
        return refuse(
            Reason.MISMATCH,
            f"{title} and its sub-scores",
            f"{read} and {came}",
            next="Check both and enter again.",
        )
    return Answers(instrument.key, (read,), entered)


def _whole(name: str, written: str, low: int, high: int) -> int | Refusal:
    """A whole number from `low` to `high`; a typed "1,5" or "١" is refused and never repaired."""
    text = written.strip()
    if not text:
        return refuse(Reason.MISSING, name)
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        return refuse(Reason.NOT_A_NUMBER, name, written)
    if not low <= int(text) <= high:
        return refuse(Reason.OUT_OF_RANGE, name, text, low=low, high=high)
    return int(text)


def score(instrument: Instrument, answers: Answers) -> Score:
    """The score of these answers. Answers of another instrument are a bug: `parse_answers` made them."""
    numbers = (1,) if instrument.score_only else tuple(item.number for item in instrument.items)
    if answers.instrument != instrument.key or len(answers.values) != len(numbers):
        raise ValueError(f"answers of {answers.instrument} cannot be scored as {instrument.key}")
    given = [value for value in answers.values if value is not None]
    missing = tuple(n for n, value in zip(numbers, answers.values, strict=True) if value is None)
    why_no_total = _why_no_total(instrument, len(given), len(missing))
    total = None if why_no_total else _total(given, len(numbers))
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
        parts=_parts(instrument, answers),
    )


def _parts(instrument: Instrument, answers: Answers) -> dict[str, int]:
    found = dict(answers.parts)
    for part in instrument.parts:
        values = [answers.values[number - 1] for number in part.items]
        given = [value for value in values if value is not None]
        if given and len(given) == len(values):
            found[part.key] = sum(given)
    return found


def band_of(instrument: Instrument, total: float | None) -> str | None:
    """The band in which a whole total lies; the loader has made sure that bands leave no gap. None without bands."""
    if total is None or not instrument.bands:
        return None
    return next(band.name for band in instrument.bands if band.low <= total <= band.high)


def _why_no_total(instrument: Instrument, answered: int, missing: int) -> NoTotal | None:
    if answered == 0:
        return NoTotal.NOTHING_ANSWERED
    if instrument.scoring == "ratings":
        return NoTotal.NOT_ADDED_UP
    made_good = 0 if instrument.prorate == "none" else instrument.missing_allowed
    return NoTotal.TOO_MANY_MISSING if missing > made_good else None


def _total(given: list[int], items: int) -> float:
    """The mean of the answered items times the number of items, halves rounded up.

    With nothing left out that is the sum. Exact fractions: a binary 10.4999… must not decide a band.
    """
    return float(math.floor(Fraction(sum(given) * items, len(given)) + Fraction(1, 2)))


def _safety(instrument: Instrument, answers: Answers) -> Safety:
    """By the safety item; by the total itself where there are no items but a limit."""
    if instrument.safety_at_least is None:
        return "none"
    value = answers.values[(instrument.safety_item or 1) - 1]
    if value is None:
        return "unknown"
    return "positive" if value >= instrument.safety_at_least else "none"
