"""Properties of scoring that hold for any answers."""

from __future__ import annotations

import datetime as dt
import tomllib
from statistics import fmean

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.instruments import (
    Answers,
    Change,
    NotComputable,
    NoTotal,
    Scored,
    compare,
    disagreements,
    parse_answers,
    parse_total,
    score,
)
from serein.knowledge.load import HERE
from serein.knowledge.types import Instrument
from serein.logic import Truth


def read(key: str) -> Instrument:
    text = (HERE / "instruments" / f"{key}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Instrument, strict=False)


ALL = [read(path.stem) for path in sorted((HERE / "instruments").glob("*.toml"))]
INSTRUMENTS = [one for one in ALL if one.scoring == "sum"]
instruments = st.sampled_from(INSTRUMENTS)
every = st.sampled_from(ALL)
totals_only = st.sampled_from([one for one in ALL if one.score_only])
AT = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)

# A busy machine must not fail a property: these say nothing about time.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def answered(draw: st.DrawFn) -> tuple[Instrument, tuple[int | None, ...]]:
    instrument = draw(instruments)
    values = [option.value for option in instrument.answers]
    size = len(instrument.items)
    return instrument, tuple(draw(st.lists(st.sampled_from([None, *values]), min_size=size, max_size=size)))


@untimed
@given(answered())
def test_a_total_lies_in_its_range_and_band_or_says_why_it_is_absent(case):
    instrument, values = case
    got = score(instrument, Answers(instrument.key, values))
    assert all(
        part.minimum <= got.parts.get(part.key, part.minimum) <= part.maximum for part in instrument.parts
    )
    if got.total is None:
        assert got.why_no_total is not None
        assert got.band is None
        assert len(got.missing) > instrument.missing_allowed
    else:
        assert instrument.minimum <= got.total <= instrument.maximum
        assert got.total == int(got.total)
        band = next(b for b in instrument.bands if b.name == got.band)
        assert band.low <= got.total <= band.high
        assert len(got.missing) <= instrument.missing_allowed


@untimed
@given(answered())
def test_a_total_is_the_plain_sum_or_within_half_a_point_of_the_scaled_mean(case):
    instrument, values = case
    got = score(instrument, Answers(instrument.key, values))
    given_ = [v for v in values if v is not None]
    if got.total is not None and not got.missing:
        assert got.total == sum(given_)
    elif got.total is not None:
        assert abs(got.total - fmean(given_) * len(values)) <= 0.5 + 1e-9


@untimed
@given(answered(), st.randoms())
def test_the_order_of_the_answers_does_not_change_the_total(case, random):
    instrument, values = case
    shuffled = list(values)
    random.shuffle(shuffled)
    first = score(instrument, Answers(instrument.key, values))
    second = score(instrument, Answers(instrument.key, tuple(shuffled)))
    assert (first.total, first.band, first.prorated) == (second.total, second.band, second.prorated)


@untimed
@given(instruments, st.integers(0, 3), st.data())
def test_items_left_out_of_equal_answers_do_not_change_the_total(instrument, value, data):
    size = len(instrument.items)
    gone = data.draw(st.sets(st.integers(0, size - 1), max_size=instrument.missing_allowed))
    values = tuple(None if i in gone else value for i in range(size))
    got = score(instrument, Answers(instrument.key, values))
    assert (got.total, got.prorated) == (value * size, bool(gone))


@untimed
@given(answered())
def test_a_worse_answer_never_lowers_the_total(case):
    instrument, values = case
    before = score(instrument, Answers(instrument.key, values)).total
    for position, value in enumerate(values):
        if value is not None and value < max(option.value for option in instrument.answers):
            worse = (*values[:position], value + 1, *values[position + 1 :])
            after = score(instrument, Answers(instrument.key, worse)).total
            assert (before is None) == (after is None)
            assert before is None or after >= before


@untimed
@given(answered())
def test_the_safety_of_phq9_is_that_of_item_nine_alone(case):
    instrument, values = case
    got = score(instrument, Answers(instrument.key, values)).safety
    if instrument.key != "phq-9":
        assert got == "none"
    else:
        assert got == {None: "unknown", 0: "none"}.get(values[8], "positive")


@untimed
@given(answered())
def test_answers_survive_being_written_and_parsed(case):
    instrument, values = case
    answers = Answers(instrument.key, values)
    assert parse_answers(instrument, str(answers).split()) == answers


@untimed
@given(instruments, st.lists(st.text(max_size=4) | st.sampled_from(["0", "3", "-"]), max_size=12))
def test_any_text_is_parsed_or_refused_and_never_raises(instrument, texts):
    got = parse_answers(instrument, texts)
    allowed = {"-", *(str(option.value) for option in instrument.answers)}
    fits = len(texts) == len(instrument.items) and all(t.strip() in allowed for t in texts)
    assert isinstance(got, Answers) == fits


@untimed
@given(instruments, st.lists(st.sampled_from(["0", "1", "2", "3", "-"]), max_size=14))
def test_a_wrong_count_is_always_refused_as_such(instrument, texts):
    got = parse_answers(instrument, texts)
    wrong = len(texts) != len(instrument.items)
    assert (isinstance(got, Refusal) and got.reason is Reason.WRONG_COUNT) == wrong


@untimed
@given(every, st.data())
def test_better_and_worse_mirror_each_other(instrument, data):
    total = st.integers(instrument.minimum, instrument.maximum)
    a, b = data.draw(total), data.draw(total)
    there = compare(instrument, Scored(a, AT), Scored(b, AT))
    back = compare(instrument, Scored(b, AT), Scored(a, AT))
    assert isinstance(there, Change)
    assert isinstance(back, Change)
    assert there.points == -back.points
    assert there.reliable_improvement == back.reliable_deterioration
    assert there.important_improvement == back.important_deterioration
    assert {there.reliable_improvement.answer, there.reliable_deterioration.answer} != {Truth.TRUE}


@untimed
@given(st.sampled_from([one for one in ALL if one.key in {"gad-7", "phq-9"}]), st.data())
def test_whoever_remits_from_caseness_has_also_responded(instrument, data):
    before = data.draw(st.integers(int(instrument.caseness_at_least or 0), instrument.maximum))
    after = data.draw(st.integers(instrument.minimum, instrument.maximum))
    got = compare(instrument, Scored(before, AT), Scored(after, AT))
    assert isinstance(got, Change)
    if got.remission.answer is Truth.TRUE:
        assert got.response.answer is Truth.TRUE


@untimed
@given(every, st.data())
def test_nobody_remits_from_a_total_that_would_be_remission_itself(instrument, data):
    total = st.integers(instrument.minimum, instrument.maximum)
    before, after = data.draw(total), data.draw(total)
    got = compare(instrument, Scored(before, AT), Scored(after, AT))
    assert isinstance(got, Change)
    if got.remission.answer is Truth.TRUE:
        assert after < instrument.remission_below <= before


@untimed
@given(every, st.data())
def test_a_limit_that_no_source_defines_gives_no_verdict_and_says_why(instrument, data):
    total = st.integers(instrument.minimum, instrument.maximum)
    got = compare(instrument, Scored(data.draw(total), AT), Scored(data.draw(total), AT))
    limits = {
        "response": "response_percent",
        "remission": "remission_below",
        "reliable_improvement": "reliable_change",
        "important_deterioration": "minimal_important_change",
    }
    for verdict, name in limits.items():
        found = getattr(got, verdict)
        assert found.limit == getattr(instrument, name)
        if found.limit is None:
            assert (found.answer, found.why_not) == (Truth.UNKNOWN, NotComputable.NOT_DEFINED)
            assert found.because.endswith(".")


@untimed
@given(every, st.integers(-200, 300))
def test_every_total_of_the_range_lies_in_exactly_one_band_and_no_other_does(instrument, total):
    within = [band for band in instrument.bands if band.low <= total <= band.high]
    inside = instrument.minimum <= total <= instrument.maximum
    assert len(within) == (1 if inside and instrument.bands else 0)


@untimed
@given(totals_only, st.integers(-200, 300))
def test_a_total_taken_elsewhere_is_kept_as_it_is_or_refused_outside_the_range(instrument, total):
    parsed = parse_total(instrument, str(total))
    if instrument.minimum <= total <= instrument.maximum:
        got = score(instrument, parsed)
        assert (got.total, got.prorated, got.missing) == (total, False, ())
        assert parse_answers(instrument, [str(total)]) == parsed
    else:
        assert isinstance(parsed, Refusal)
        assert parsed.reason is Reason.OUT_OF_RANGE


@untimed
@given(every, st.text(max_size=6), st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2))
def test_any_text_as_a_total_is_parsed_or_refused_and_never_raises(instrument, total, parts):
    got = parse_total(instrument, total, parts)
    if isinstance(got, Answers):
        assert instrument.score_only
        assert str(got.values[0]) == str(int(total.strip()))


@untimed
@given(st.sampled_from([one for one in ALL if one.parts and one.score_only]), st.data())
def test_sub_scores_that_are_all_there_add_up_or_are_refused(instrument, data):
    parts = {p.key: data.draw(st.integers(p.minimum, p.maximum)) for p in instrument.parts}
    total = data.draw(st.integers(instrument.minimum, instrument.maximum))
    came = sum(parts[p.key] for p in instrument.parts if p.of_total)
    got = parse_total(instrument, str(total), {k: str(v) for k, v in parts.items()})
    assert isinstance(got, Refusal) == (came != total)
    if isinstance(got, Refusal):
        assert got.reason is Reason.MISMATCH
    else:
        assert score(instrument, got).parts == parts


@untimed
@given(st.data())
def test_ratings_are_never_added_up(data):
    instrument = next(one for one in ALL if one.scoring == "ratings")
    value = st.none() | st.integers(instrument.minimum, instrument.maximum)
    values = tuple(data.draw(value) for _ in instrument.items)
    got = score(instrument, Answers(instrument.key, values))
    assert (got.total, got.band) == (None, None)
    expected = NoTotal.NOT_ADDED_UP if any(v is not None for v in values) else NoTotal.NOTHING_ANSWERED
    assert got.why_no_total is expected


@untimed
@given(every)
def test_every_instrument_agrees_with_its_own_examples_and_says_who_may_use_it(instrument):
    assert disagreements(instrument) == []
    assert instrument.licence
    assert instrument.checked_by == "nobody yet"
    assert instrument.rater == "clinician" or instrument.text.patient
