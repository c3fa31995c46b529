"""What GAD-7 and PHQ-9 come to, as a table that a clinician can check by hand."""

from __future__ import annotations

import datetime as dt
import tomllib

import msgspec
import pytest

from serein.errors import Refusal
from serein.instruments import Change, NotComputable, Scored, compare, parse_answers, score
from serein.knowledge.load import HERE
from serein.knowledge.types import Instrument
from serein.logic import Truth

FIRST = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 2, 2, 9, tzinfo=dt.UTC)


def instrument(key: str) -> Instrument:
    text = (HERE / "instruments" / f"{key}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Instrument, strict=False)


# instrument, answers, total, prorated, band, safety
SCORES = [
    ("gad-7", "0 0 0 0 0 0 0", 0, False, "minimal", "none"),
    ("gad-7", "1 1 1 1 0 0 0", 4, False, "minimal", "none"),
    ("gad-7", "1 1 1 1 1 0 0", 5, False, "mild", "none"),
    ("gad-7", "3 3 3 0 0 0 0", 9, False, "mild", "none"),
    ("gad-7", "3 3 3 1 0 0 0", 10, False, "moderate", "none"),
    ("gad-7", "3 3 3 3 2 0 0", 14, False, "moderate", "none"),
    ("gad-7", "3 3 3 3 3 0 0", 15, False, "severe", "none"),
    ("gad-7", "3 3 3 3 3 3 3", 21, False, "severe", "none"),
    ("gad-7", "3 3 3 3 3 3 -", 21, True, "severe", "none"),
    ("gad-7", "1 1 1 1 0 0 -", 5, True, "mild", "none"),  # 4 / 6 × 7 = 4.67
    ("gad-7", "1 1 1 0 0 0 -", 4, True, "minimal", "none"),  # 3 / 6 × 7 = 3.5, halves up
    ("gad-7", "3 3 3 3 3 - -", None, False, None, "none"),
    ("phq-9", "0 0 0 0 0 0 0 0 0", 0, False, "minimal", "none"),
    ("phq-9", "3 3 3 3 3 3 3 3 3", 27, False, "severe", "positive"),
    ("phq-9", "3 3 3 3 2 0 0 0 0", 14, False, "moderate", "none"),
    ("phq-9", "3 3 3 3 3 0 0 0 0", 15, False, "moderately-severe", "none"),
    ("phq-9", "3 3 3 3 3 3 1 0 0", 19, False, "moderately-severe", "none"),
    ("phq-9", "3 3 3 3 3 3 2 0 0", 20, False, "severe", "none"),
    ("phq-9", "0 0 0 0 0 0 0 0 1", 1, False, "minimal", "positive"),
    ("phq-9", "0 0 0 0 0 0 0 0 -", 0, True, "minimal", "unknown"),
    ("phq-9", "2 2 2 2 2 2 2 - -", 18, True, "moderately-severe", "unknown"),
    ("phq-9", "2 2 2 2 2 2 - - 0", 15, True, "moderately-severe", "none"),  # 12 / 7 × 9 = 15.43
    ("phq-9", "2 2 2 2 2 - - - 0", None, False, None, "none"),
    ("phq-9", "2 2 2 2 2 2 - - -", None, False, None, "unknown"),
    ("phq-9", "- - - 2 2 2 2 2 1", None, False, None, "positive"),
]


@pytest.mark.parametrize(("key", "answers", "total", "prorated", "band", "safety"), SCORES)
def test_answers_come_to_the_total_band_and_safety_of_the_table(key, answers, total, prorated, band, safety):
    parsed = parse_answers(instrument(key), answers.split())
    assert not isinstance(parsed, Refusal)
    got = score(instrument(key), parsed)
    assert (got.total, got.prorated, got.band, got.safety) == (total, prorated, band, safety)
    assert (got.why_no_total is None) == (got.total is not None)


YES, NO = Truth.TRUE, Truth.FALSE
LOW = NotComputable.BASELINE_BELOW_CASENESS

# instrument, baseline, later, response, remission, reliably better, reliably worse
CHANGES = [
    ("gad-7", 16, 8, YES, NO, YES, NO),  # exactly half is a response
    ("gad-7", 16, 9, NO, NO, YES, NO),
    ("gad-7", 10, 5, YES, NO, NO, NO),  # 5 points are within what error alone can do; 5 is not below 5
    ("gad-7", 10, 4, YES, YES, YES, NO),
    ("gad-7", 9, 2, LOW, LOW, YES, NO),  # was not a case: nothing to respond or remit from
    ("gad-7", 12, 17, NO, NO, NO, NO),
    ("gad-7", 12, 18, NO, NO, NO, YES),
    ("phq-9", 21, 11, NO, NO, YES, NO),  # 10 of 21 is not quite half
    ("phq-9", 20, 10, YES, NO, YES, NO),
    ("phq-9", 20, 4, YES, YES, YES, NO),
    ("phq-9", 0, 6, LOW, LOW, NO, YES),
    ("phq-9", None, 6, *[NotComputable.NO_BASELINE_TOTAL] * 4),
    ("phq-9", 12, None, *[NotComputable.NO_LATER_TOTAL] * 4),
]


@pytest.mark.parametrize(
    ("key", "before", "after", "response", "remission", "better", "worse"),
    CHANGES,
)
def test_a_change_counts_as_the_table_says_or_says_why_not(
    key, before, after, response, remission, better, worse
):
    change = compare(instrument(key), Scored(before, FIRST), Scored(after, AFTER))
    assert isinstance(change, Change)
    verdicts = (
        change.response,
        change.remission,
        change.reliable_improvement,
        change.reliable_deterioration,
    )
    assert tuple(v.why_not or v.answer for v in verdicts) == (response, remission, better, worse)
    assert all((v.answer is Truth.UNKNOWN) == (v.why_not is not None) for v in verdicts)
