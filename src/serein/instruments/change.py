"""Two scores of one person -> what changed, and whether it counts. Higher is worse.

Each verdict is true, false, or not computable with the reason: never a guess. The limits are the instrument's;
each verdict carries its limit and what that limit rests on. Reliable change after Jacobson and Truax (1991):
a change that measurement error alone would seldom make.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Basis, Instrument
from serein.logic.truth import Truth, truth


class NotComputable(StrEnum):
    """Why a verdict cannot be given. Every member has its sentence in `SENTENCES`."""

    NO_BASELINE_TOTAL = "no-baseline-total"
    NO_LATER_TOTAL = "no-later-total"
    BASELINE_BELOW_CASENESS = "baseline-below-caseness"
    BASELINE_ZERO = "baseline-zero"


SENTENCES: dict[NotComputable, str] = {
    NotComputable.NO_BASELINE_TOTAL: "The baseline has no total.",
    NotComputable.NO_LATER_TOTAL: "The later score has no total.",
    NotComputable.BASELINE_BELOW_CASENESS: "The baseline was too low to respond or remit from.",
    NotComputable.BASELINE_ZERO: "The baseline was zero.",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A score as it was recorded: its total (None if there is none) and when it was answered."""

    total: float | None
    at: dt.datetime
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a limit was reached. `answer` is unknown exactly if `why_not` says why."""

    answer: Truth
    limit: float
    basis: Basis
    why_not: NotComputable | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """From a baseline to a later score of the same instrument.

    `points` and `percent` are later minus baseline: below zero is better. `percent` is of the baseline, and None
    where the baseline is zero or a total is missing. `prorated` says that one of the totals was.
    `response`: the total fell by at least the limit, in percent. `remission`: the later total is below the limit.
    Both need a baseline at or above the instrument's caseness. The others compare points with the limit.
    """

    instrument: str
    baseline: Scored
    later: Scored
    points: float | None
    percent: float | None
    prorated: bool
    response: Verdict
    remission: Verdict
    reliable_improvement: Verdict
    reliable_deterioration: Verdict
    important_improvement: Verdict
    important_deterioration: Verdict


def compare(instrument: Instrument, baseline: Scored, later: Scored) -> Change | Refusal:
    """The change from `baseline` to `later`, both of `instrument`.

    Refused: a later score from before the baseline, and a total outside the instrument's range.
    """
    refusal = _refusal(instrument, baseline, later)
    if refusal is not None:
        return refusal
    before, after = baseline.total, later.total
    fall = None if before is None or after is None else before - after
    missing = _missing(baseline, later)
    reliable, important = instrument.reliable_change, instrument.minimal_important_change
    return Change(
        instrument=instrument.key,
        baseline=baseline,
        later=later,
        points=None if fall is None else 0.0 - fall,
        percent=None if fall is None or not before else 0.0 - 100 * fall / before,
        prorated=baseline.prorated or later.prorated,
        response=_response(instrument, before, fall, missing),
        remission=_remission(instrument, before, after, missing),
        reliable_improvement=_reached(instrument, "reliable_change", reliable, fall, missing),
        reliable_deterioration=_reached(instrument, "reliable_change", reliable, _rise(fall), missing),
        important_improvement=_reached(instrument, "minimal_important_change", important, fall, missing),
        important_deterioration=_reached(
            instrument, "minimal_important_change", important, _rise(fall), missing
        ),
    )


def _refusal(instrument: Instrument, baseline: Scored, later: Scored) -> Refusal | None:
    for name, scored in (("baseline", baseline), ("later score", later)):
        total = scored.total
        if total is not None and not instrument.minimum <= total <= instrument.maximum:
            return refuse(
                Reason.OUT_OF_RANGE,
                f"{instrument.text.title} {name}",
                total,
                low=instrument.minimum,
                high=instrument.maximum,
            )
    if later.at < baseline.at:
        return refuse(Reason.OUT_OF_ORDER, f"{instrument.text.title} later score", later.at.isoformat())
    return None


def _missing(baseline: Scored, later: Scored) -> NotComputable | None:
    if baseline.total is None:
        return NotComputable.NO_BASELINE_TOTAL
    return NotComputable.NO_LATER_TOTAL if later.total is None else None


def _rise(fall: float | None) -> float | None:
    return None if fall is None else -fall


def _response(
    instrument: Instrument, before: float | None, fall: float | None, missing: NotComputable | None
) -> Verdict:
    why_not = missing or _too_low(instrument, before)
    if why_not is None and before == 0:
        why_not = NotComputable.BASELINE_ZERO
    limit = instrument.response_percent
    if why_not is not None or before is None or fall is None:
        return _verdict(instrument, "response_percent", limit, None, why_not)
    # Multiplied out: exactly half must count as half.
    return _verdict(instrument, "response_percent", limit, 100 * fall >= limit * before)


def _remission(
    instrument: Instrument, before: float | None, after: float | None, missing: NotComputable | None
) -> Verdict:
    why_not = missing or _too_low(instrument, before)
    limit = instrument.remission_below
    if why_not is not None or after is None:
        return _verdict(instrument, "remission_below", limit, None, why_not)
    return _verdict(instrument, "remission_below", limit, after < limit)


def _too_low(instrument: Instrument, before: float | None) -> NotComputable | None:
    """A total that was never a case has nothing to respond or remit from; without a caseness, remission's limit."""
    least = instrument.caseness_at_least
    if least is None:
        least = instrument.remission_below
    return NotComputable.BASELINE_BELOW_CASENESS if before is not None and before < least else None


def _reached(
    instrument: Instrument, name: str, limit: float, moved: float | None, missing: NotComputable | None
) -> Verdict:
    return _verdict(instrument, name, limit, None if moved is None else moved >= limit, missing)


def _verdict(
    instrument: Instrument,
    name: str,
    limit: float,
    answer: bool | None,
    why_not: NotComputable | None = None,
) -> Verdict:
    basis = instrument.basis.get(name, "assumption")  # a number that names no basis has none
    return Verdict(Truth.UNKNOWN if answer is None else truth(answer), limit, basis, why_not)
