"""Properties of scoring that hold for any answers."""

from __future__ import annotations

import datetime as dt
import tomllib
from statistics import fmean

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serein.errors import Reason, Refusal
from serein.instruments import Answers, Change, Scored, compare, parse_answers, score
from serein.knowledge.load import HERE
from serein.knowledge.types import Instrument
from serein.logic import Truth


def read(key: str) -> Instrument:
    text = (HERE / "instruments" / f"{key}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Instrument, strict=False)


INSTRUMENTS = [read("gad-7"), read("phq-9")]
instruments = st.sampled_from(INSTRUMENTS)
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
        if value is not None and value < 3:
            worse = (*values[:position], value + 1, *values[position + 1 :])
            after = score(instrument, Answers(instrument.key, worse)).total
            assert (before is None) == (after is None)
            assert before is None or after >= before


@untimed
@given(answered())
def test_the_safety_of_phq9_is_that_of_item_nine_alone(case):
    instrument, values = case
    got = score(instrument, Answers(instrument.key, values)).safety
    if instrument.key == "gad-7":
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
    fits = len(texts) == len(instrument.items) and all(t.strip() in {"0", "1", "2", "3", "-"} for t in texts)
    assert isinstance(got, Answers) == fits


@untimed
@given(instruments, st.lists(st.sampled_from(["0", "1", "2", "3", "-"]), max_size=14))
def test_a_wrong_count_is_always_refused_as_such(instrument, texts):
    got = parse_answers(instrument, texts)
    wrong = len(texts) != len(instrument.items)
    assert (isinstance(got, Refusal) and got.reason is Reason.WRONG_COUNT) == wrong


@untimed
@given(instruments, st.data())
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
@given(instruments, st.data())
def test_whoever_remits_from_caseness_has_also_responded(instrument, data):
    before = data.draw(st.integers(int(instrument.caseness_at_least), instrument.maximum))
    after = data.draw(st.integers(instrument.minimum, instrument.maximum))
    got = compare(instrument, Scored(before, AT), Scored(after, AT))
    assert isinstance(got, Change)
    if got.remission.answer is Truth.TRUE:
        assert got.response.answer is Truth.TRUE
