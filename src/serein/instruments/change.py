"""Two scores of one person -> what changed, and whether it counts. Which way is better is the instrument's to say.

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
    NOT_DEFINED = "not-defined"


SENTENCES: dict[NotComputable, str] = {
    NotComputable.NO_BASELINE_TOTAL: "The baseline has no total.",
    NotComputable.NO_LATER_TOTAL: "The later score has no total.",
    NotComputable.BASELINE_BELOW_CASENESS: "The baseline was too low to respond or remit from.",
    NotComputable.BASELINE_ZERO: "The baseline was zero.",
    NotComputable.NOT_DEFINED: "No source that was read defines it for this instrument.",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A score as it was recorded: its total (None if there is none) and when it was answered."""

    total: float | None
    at: dt.datetime
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a limit was reached. `answer` is unknown exactly if `why_not` says why.

    `limit` is None where no source defines one; `because` is then the instrument's own sentence.
    """

    answer: Truth
    limit: float | None
    basis: Basis
    why_not: NotComputable | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """From a baseline to a later score of the same instrument.

    `points` and `percent` are later minus baseline. `percent` is of the baseline, and None where the baseline is
    zero, a total is missing or the scale does not begin at zero. `prorated` says that one of the totals was.
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
    gain = fall if instrument.better == "lower" else _rise(fall)
    missing = _missing(baseline, later)
    return Change(
        instrument=instrument.key,
        baseline=baseline,
        later=later,
        points=None if fall is None else 0.0 - fall,
        percent=None if fall is None or not before or instrument.minimum else 0.0 - 100 * fall / before,
        prorated=baseline.prorated or later.prorated,
        response=_response(instrument, before, fall, missing),
        remission=_remission(instrument, before, after, missing),
        reliable_improvement=_reached(instrument, "reliable_change", gain, missing),
        reliable_deterioration=_reached(instrument, "reliable_change", _rise(gain), missing),
        important_improvement=_reached(instrument, "minimal_important_change", gain, missing),
        important_deterioration=_reached(instrument, "minimal_important_change", _rise(gain), missing),
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
    limit, least = instrument.response_percent, instrument.caseness_at_least
    # Without a caseness the limit of remission stands in: below it there is nothing to respond from.
    why_not = missing or _too_low(before, instrument.remission_below if least is None else least)
    if why_not is None and before == 0:
        why_not = NotComputable.BASELINE_ZERO
    if limit is None or why_not is not None or before is None or fall is None:
        return _verdict(instrument, "response_percent", None, why_not)
    # Multiplied out: exactly half must count as half.
    return _verdict(instrument, "response_percent", 100 * fall >= limit * before)


def _remission(
    instrument: Instrument, before: float | None, after: float | None, missing: NotComputable | None
) -> Verdict:
    limit = instrument.remission_below
    why_not = missing or _too_low(before, instrument.caseness_at_least, limit)
    if limit is None or why_not is not None or after is None:
        return _verdict(instrument, "remission_below", None, why_not)
    return _verdict(instrument, "remission_below", after < limit)


def _too_low(before: float | None, *edges: float | None) -> NotComputable | None:
    """A total that was never a case has nothing to respond or remit from."""
    known = [edge for edge in edges if edge is not None]
    if before is None or not known or before >= max(known):
        return None
    return NotComputable.BASELINE_BELOW_CASENESS


def _reached(
    instrument: Instrument, name: str, moved: float | None, missing: NotComputable | None
) -> Verdict:
    limit = getattr(instrument, name)
    answer = None if limit is None or moved is None else moved >= limit
    return _verdict(instrument, name, answer, missing)


def _verdict(
    instrument: Instrument, name: str, answer: bool | None, why_not: NotComputable | None = None
) -> Verdict:
    limit: float | None = getattr(instrument, name)
    basis = instrument.basis.get(name, "assumption")  # a number that names no basis has none
    if limit is None:
        because = instrument.text.not_computed.get(name, "")
        return Verdict(Truth.UNKNOWN, None, basis, NotComputable.NOT_DEFINED, because)
    return Verdict(Truth.UNKNOWN if answer is None else truth(answer), limit, basis, why_not)
