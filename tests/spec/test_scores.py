"""What each instrument comes to, as tables that a clinician can check by hand against the published ranges."""

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


# instrument, total taken elsewhere, band, safety
TOTALS = [
    ("ham-a", 7, "minimal", "none"),  # Matza 2010: 8 to 14 mild, 15 to 23 moderate, 24 and more severe
    ("ham-a", 14, "mild", "none"),
    ("ham-a", 23, "moderate", "none"),
    ("ham-a", 24, "severe", "none"),
    ("lsas-ca", 54, "below-moderate", "none"),
    ("lsas-sr", 55, "moderate", "none"),
    ("lsas-sr", 95, "very-severe", "none"),
    ("spin", 20, "none", "none"),
    ("spin", 21, "mild", "none"),
    ("spin", 51, "very-severe", "none"),
    ("pdss-sr", 7, "borderline", "none"),
    ("pdss-sr", 16, "marked", "none"),
    ("y-bocs", 15, "mild", "none"),
    ("y-bocs", 24, "severe", "none"),
    ("oci-r", 15, "mild", "none"),
    ("oci-r", 28, "severe", "none"),
    ("oasis", 7, "below-cut", "none"),
    ("oasis", 8, "at-cut", "none"),
    ("pswq", 16, "below-cut", "none"),
    ("pswq", 62, "at-strict-cut", "none"),
    ("fear-questionnaire", 120, None, "none"),  # no bands are published
    ("c-ssrs", 0, "none", "none"),
    ("c-ssrs", 2, "low", "positive"),
    ("c-ssrs", 3, "moderate", "positive"),
    ("c-ssrs", 4, "high", "positive"),
    ("c-ssrs", 6, "high", "positive"),
    ("cadss", 4, "absent", "none"),
    ("cadss", 5, "present", "none"),
    ("moaas", 5, "alert", "none"),
    ("moaas", 0, "none", "none"),
    ("rass", -5, "unarousable", "none"),
    ("rass", 0, "calm", "none"),
    ("rass", 4, "combative", "none"),
    ("audit-c", 3, "positive-women", "none"),
    ("audit-c", 4, "positive", "none"),
    ("dast-10", 2, "low", "none"),
    ("dast-10", 9, "severe", "none"),
    ("bpic-ss", 18, "below-cut", "none"),
    ("bpic-ss", 19, "at-cut", "none"),
    ("wsas", 10, "significant", "none"),
    ("wsas", 21, "moderately-severe", "none"),
    ("madrs", 6, "absent", "none"),
    ("madrs", 34, "moderate", "none"),
    ("madrs", 35, "severe", "none"),
    ("qids-sr16", 5, "none", "none"),
    ("qids-sr16", 21, "very-severe", "none"),
    ("cgi-s", 1, "normal-not-at-all-ill", "none"),
    ("cgi-i", 2, "much-improved", "none"),
    ("stai-s", 39, "below-threshold", "none"),
    ("stai-s", 40, "at-threshold", "none"),
]


@pytest.mark.parametrize(("key", "total", "band", "safety"), TOTALS)
def test_a_total_lies_in_the_published_band(key, total, band, safety):
    got = score(instrument(key), parse_answers(instrument(key), [str(total)]))
    assert (got.total, got.band, got.safety) == (total, band, safety)


YES, NO = Truth.TRUE, Truth.FALSE
UNDEFINED = NotComputable.NOT_DEFINED
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
    ("ham-a", 24, 12, YES, NO, UNDEFINED, UNDEFINED),
    ("ham-a", 24, 7, YES, YES, UNDEFINED, UNDEFINED),
    ("lsas-ca", 100, 71, YES, NO, UNDEFINED, UNDEFINED),  # 29 % by a clinician
    ("lsas-ca", 100, 72, NO, NO, UNDEFINED, UNDEFINED),
    ("lsas-sr", 100, 72, YES, NO, UNDEFINED, UNDEFINED),  # 28 % by oneself
    ("lsas-sr", 100, 35, YES, YES, UNDEFINED, UNDEFINED),
    ("lsas-ca", 100, 31, YES, NO, UNDEFINED, UNDEFINED),
    ("pdss-sr", 20, 12, YES, NO, UNDEFINED, UNDEFINED),  # 40 %
    ("pdss-sr", 20, 5, YES, YES, UNDEFINED, UNDEFINED),
    ("y-bocs", 20, 13, YES, NO, UNDEFINED, UNDEFINED),  # 35 %, and 12 or less
    ("y-bocs", 20, 12, YES, YES, UNDEFINED, UNDEFINED),
    ("madrs", 30, 12, YES, YES, UNDEFINED, UNDEFINED),
    ("qids-sr16", 18, 5, UNDEFINED, YES, UNDEFINED, UNDEFINED),
    ("pcl-5", 50, 35, UNDEFINED, UNDEFINED, YES, NO),
    ("pcl-5", 50, 36, UNDEFINED, UNDEFINED, NO, NO),
    ("oasis", 12, 7, UNDEFINED, UNDEFINED, YES, NO),
    ("oasis", 7, 12, UNDEFINED, UNDEFINED, NO, YES),
    ("c-ssrs", 5, 0, *[UNDEFINED] * 4),
    ("rass", 3, 0, *[UNDEFINED] * 4),
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
