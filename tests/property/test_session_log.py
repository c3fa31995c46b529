"""What holds for every session: the dose is the integral, order of arrival and repeats change nothing."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serein.pathway.session import fold
from tests.session_entries import at, check_in, entry, started

STEPS = st.lists(
    st.one_of(
        st.just(("pause", {})),
        st.just(("resume", {})),
        st.builds(lambda r: ("rate-change", {"rate_mg_per_h": r}), st.floats(1, 500)),
        st.just(("dosing-stop", {"how": "completed"})),
        st.builds(lambda v: ("observation", {"values": {"heart_rate": v}}), st.floats(20, 250)),
    ),
    max_size=8,
)


def log_of(steps):
    later = [entry(kind, 20 + 7 * n, body) for n, (kind, body) in enumerate(steps)]
    log = [check_in(), started(10), *later]
    return [msgspec.structs.replace(e, seq=n) for n, e in enumerate(log, 1)]


def minute_by_minute(log, until):
    """The slow, obvious twin: walk every minute and add what ran in it."""
    rate = before = total = 0.0
    running = over = False
    by_minute = {}
    for e in log:
        by_minute.setdefault(round((e.at - at(0)).total_seconds() / 60), []).append(e)
    for minute in range(until):
        for e in by_minute.get(minute, []):
            if over:
                continue
            if e.kind == "dosing-start":
                rate, running = e.body["rate_mg_per_h"], True
            elif e.kind == "rate-change" and running:
                rate = e.body["rate_mg_per_h"]
            elif e.kind == "pause" and running:
                before, rate, running = rate, 0.0, False
            elif e.kind == "resume" and not running:
                rate, running = before, True
            elif e.kind == "dosing-stop":
                rate, running, over = 0.0, False, True
        total += rate / 60
    return total


@settings(max_examples=25)
@given(STEPS, st.integers(0, 120))
def test_the_total_dose_equals_the_integral_of_the_rate_log_up_to_what_the_pump_holds(steps, until):
    log = log_of(steps)
    holds = fold(log).start.body.dose_mg
    assert fold(log).given_mg(at(until)) == pytest.approx(min(minute_by_minute(log, until), holds))


@settings(max_examples=25)
@given(STEPS, st.randoms(use_true_random=False))
def test_late_and_doubled_entries_end_in_the_same_state(steps, random):
    log = log_of(steps)
    mixed = log + random.sample(log, k=len(log) // 2)
    random.shuffle(mixed)
    late = {e.id: n for n, e in enumerate(mixed)}
    renumbered = [msgspec.structs.replace(e, seq=late[e.id]) for e in mixed]
    assert fold(mixed) == fold(log)
    assert fold(renumbered) == fold(log)


@settings(max_examples=25)
@given(STEPS)
def test_a_paused_infusion_never_counts_as_running(steps):
    log = log_of(steps)
    for n in range(len(log) + 1):
        state = fold(log[:n])
        if state.phase != "dosing":
            assert state.rate_mg_per_h == 0
            assert state.given_mg(at(999)) == pytest.approx(state.given_mg(state.phase_since or at(0)))
