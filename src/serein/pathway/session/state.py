"""The state of a session: a fold over its log.

Entries fold by (`at`, `seq`) after corrections are applied, so late and doubled entries end in the same state as
punctual ones. An entry that makes no sense where it stands (a second start, a pause of nothing) changes nothing;
it is still in the log.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Value
from serein.monitoring.alarms import StandingAlarm
from serein.pathway.session.entries import DosingStart, Entry
from serein.safety.decision import Override

Phase = Literal["before", "arrival", "dosing", "paused", "observation", "departed"]
HOUR_S = 3600.0


class Reading(msgspec.Struct, frozen=True):
    """One value of one fact, when it was taken, by whom."""

    at: dt.datetime
    value: Value
    entry: str
    by: str


class Charted(msgspec.Struct, frozen=True):
    """An entry's body with its place in time: a symptom, an administration, a reading of the settings."""

    id: str
    at: dt.datetime
    by: str
    by_name: str
    body: Any


class SessionState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session stands. `rates` are (from, mg/h); the last holds on. Empty fields are what has not been."""

    phase: Phase = "before"
    phase_since: dt.datetime | None = None
    check_in: Charted | None = None
    settings: tuple[Charted, ...] = ()
    start: Charted | None = None
    rates: tuple[tuple[dt.datetime, float], ...] = ()
    boluses: tuple[tuple[dt.datetime, float], ...] = ()
    stop: Charted | None = None
    observations: Mapping[str, tuple[Reading, ...]] = {}
    symptoms: tuple[Charted, ...] = ()
    administrations: tuple[Charted, ...] = ()
    alarms: tuple[StandingAlarm, ...] = ()
    escort: Charted | None = None
    instructions: Charted | None = None
    overrides: tuple[Override, ...] = ()
    departure: Charted | None = None

    @property
    def rate_mg_per_h(self) -> float:
        """The rate that runs now; 0 while paused, before and after."""
        return self.rates[-1][1] if self.rates else 0.0

    @property
    def dosing_started_at(self) -> dt.datetime | None:
        """The start of the infusion, or the first spray where the dose is not infused."""
        if self.start is None:
            return None
        if self.start.body.rate_mg_per_h is None and self.boluses:
            return self.boluses[0][0]
        return self.start.at

    @property
    def dosing_ended_at(self) -> dt.datetime | None:
        """The end or stop of the infusion, or the last spray once dosing has stopped."""
        if self.start is None or self.stop is None:
            return None
        if self.start.body.rate_mg_per_h is None and self.boluses:
            return self.boluses[-1][0]
        return self.stop.at

    @property
    def outcome(self) -> str | None:
        """completed, aborted, part-given, or how the person left where that says more; None while it goes on."""
        if self.departure is not None and self.departure.body.how != "discharged":
            return str(self.departure.body.how)
        return str(self.stop.body.how) if self.stop is not None else None

    def given_mg(self, at: dt.datetime) -> float:
        """What had been given by `at`, in mg: the integral of the rate log and the sum of what was given at once.

        No more than was read from the pump: it stops at its volume, though nobody has charted the end yet.
        """
        spans = zip(self.rates, [*(t for t, _ in self.rates[1:]), at], strict=False)
        infused = (
            rate * (min(until, at) - since).total_seconds() / HOUR_S
            for (since, rate), until in spans
            if since < min(until, at)
        )
        running = math.fsum(infused)
        if self.start is not None:
            running = min(running, self.start.body.dose_mg)
        return math.fsum((running, *(mg for t, mg in self.boluses if t <= at)))

    def planned_end(self) -> dt.datetime | None:
        """When the ordered dose will be in at the rate that runs now; None while nothing runs."""
        if self.start is None or not self.rate_mg_per_h:
            return None
        since = self.rates[-1][0]
        left = self.start.body.dose_mg - self.given_mg(since)
        return since + dt.timedelta(hours=max(0.0, left) / self.rate_mg_per_h)

    def latest(self, fact: str) -> Reading | None:
        series = self.observations.get(fact)
        return series[-1] if series else None

    def standing_alarms(self) -> tuple[StandingAlarm, ...]:
        return tuple(a for a in self.alarms if a.stands)


def fold(entries: Iterable[Entry]) -> SessionState:
    """The state after all these entries, in whatever order and however often each is given."""
    state = SessionState()
    for entry in effective(entries):
        step = STEPS.get(entry.kind)
        if step is not None:
            state = step(state, entry)
    return state


def effective(entries: Iterable[Entry]) -> list[Entry]:
    """The log as corrected, in time order: each entry once, in its last version, without what was retracted.

    A correction keeps the id of what it corrects. Of several, the one recorded last counts.
    """
    by_id: dict[str, Entry] = {}
    for entry in entries:
        by_id.setdefault(entry.id, entry)
    last: dict[str, Entry] = {}
    for entry in sorted(by_id.values(), key=lambda x: (x.recorded_at, x.seq, x.id)):
        root = _root(entry, by_id) if entry.corrects is not None else None
        if root is not None and entry.kind in {root.kind, "retracted"}:
            last[root.id] = entry
    kept = []
    for entry in by_id.values():
        if entry.corrects is None:
            version = last.get(entry.id, entry)
            if version.kind != "retracted":
                kept.append(msgspec.structs.replace(version, id=entry.id))
    return sorted(kept, key=lambda x: (x.at, x.seq, x.id))


def _root(entry: Entry, by_id: Mapping[str, Entry]) -> Entry | None:
    """The first version of what an entry corrects, or None while that has not come in."""
    seen: set[str] = set()
    while entry.corrects is not None:
        if entry.id in seen or entry.corrects not in by_id:
            return None
        seen.add(entry.id)
        entry = by_id[entry.corrects]
    return entry


def _charted(entry: Entry) -> Charted:
    return Charted(entry.id, entry.at, entry.by, entry.by_name, entry.parsed())


def _with(state: SessionState, **changes: Any) -> SessionState:
    return msgspec.structs.replace(state, **changes)


def _check_in(state: SessionState, entry: Entry) -> SessionState:
    if state.check_in is not None:
        return state
    state = _with(state, check_in=_charted(entry))
    return _with(state, phase="arrival", phase_since=entry.at) if state.phase == "before" else state


def _settings(state: SessionState, entry: Entry) -> SessionState:
    return _with(state, settings=(*state.settings, _charted(entry)))


def _start(state: SessionState, entry: Entry) -> SessionState:
    if state.phase not in {"before", "arrival"}:
        return state
    charted = _charted(entry)
    body: DosingStart = charted.body
    rates = ((entry.at, body.rate_mg_per_h),) if body.rate_mg_per_h else ()
    return _with(state, phase="dosing", phase_since=entry.at, start=charted, rates=rates)


def _given(state: SessionState, entry: Entry) -> SessionState:
    if state.phase not in {"dosing", "paused"}:
        return state
    return _with(state, boluses=(*state.boluses, (entry.at, entry.parsed().mg)))


def _rate(state: SessionState, entry: Entry) -> SessionState:
    if state.phase != "dosing" or not state.rates:
        return state
    return _with(state, rates=(*state.rates, (entry.at, entry.parsed().rate_mg_per_h)))


def _pause(state: SessionState, entry: Entry) -> SessionState:
    if state.phase != "dosing":
        return state
    rates = (*state.rates, (entry.at, 0.0)) if state.rates else ()
    return _with(state, phase="paused", phase_since=entry.at, rates=rates)


def _resume(state: SessionState, entry: Entry) -> SessionState:
    if state.phase != "paused":
        return state
    rates = state.rates
    if rates:
        rate = entry.parsed().rate_mg_per_h or next(r for _, r in reversed(rates) if r)
        rates = (*rates, (entry.at, rate))
    return _with(state, phase="dosing", phase_since=entry.at, rates=rates)


def _stop(state: SessionState, entry: Entry) -> SessionState:
    if state.phase not in {"dosing", "paused"}:
        return state
    return _with(_at_rest(state, entry.at), phase="observation", phase_since=entry.at, stop=_charted(entry))


def _at_rest(state: SessionState, at: dt.datetime) -> SessionState:
    return _with(state, rates=(*state.rates, (at, 0.0))) if state.rates else state


def _observation(state: SessionState, entry: Entry) -> SessionState:
    series = dict(state.observations)
    for fact, value in entry.body["values"].items():
        held = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        series[fact] = (*series.get(fact, ()), Reading(entry.at, held, entry.id, entry.by_name))
    return _with(state, observations=series)


def _symptom(state: SessionState, entry: Entry) -> SessionState:
    return _with(state, symptoms=(*state.symptoms, _charted(entry)))


def _administration(state: SessionState, entry: Entry) -> SessionState:
    return _with(state, administrations=(*state.administrations, _charted(entry)))


def _alarm(state: SessionState, entry: Entry) -> SessionState:
    body = entry.parsed()
    raised = StandingAlarm(entry.id, body.rule, body.priority, body.because, entry.at)
    return _with(state, alarms=(*state.alarms, raised))


def _acknowledged(state: SessionState, entry: Entry) -> SessionState:
    return _on_alarm(state, entry, acknowledged_at=entry.at, acknowledged_by=entry.by_name)


def _resolved(state: SessionState, entry: Entry) -> SessionState:
    return _on_alarm(state, entry, resolved_at=entry.at)


def _on_alarm(state: SessionState, entry: Entry, **changes: Any) -> SessionState:
    """The first acknowledgement and the first resolution count."""
    first = next(iter(changes))
    alarms = tuple(
        msgspec.structs.replace(a, **changes)
        if a.id == entry.body["alarm"] and getattr(a, first) is None
        else a
        for a in state.alarms
    )
    return _with(state, alarms=alarms)


def _escort(state: SessionState, entry: Entry) -> SessionState:
    return _with(state, escort=_charted(entry))


def _instructions(state: SessionState, entry: Entry) -> SessionState:
    return _with(state, instructions=_charted(entry))


def _override(state: SessionState, entry: Entry) -> SessionState:
    b = entry.parsed()
    made = Override(b.rule, b.digest, b.state, entry.by_name, entry.at, b.reason, b.grounds)
    return _with(state, overrides=(*state.overrides, made))


def _departure(state: SessionState, entry: Entry) -> SessionState:
    """Whoever leaves takes no more of the dose: a rate that still ran ends here."""
    if state.departure is not None:
        return state
    if state.phase in {"dosing", "paused"}:
        state = _at_rest(state, entry.at)
    return _with(state, phase="departed", phase_since=entry.at, departure=_charted(entry))


STEPS = {
    "check-in": _check_in,
    "settings-read": _settings,
    "dosing-start": _start,
    "dose-given": _given,
    "rate-change": _rate,
    "pause": _pause,
    "resume": _resume,
    "dosing-stop": _stop,
    "observation": _observation,
    "symptom": _symptom,
    "administration": _administration,
    "alarm": _alarm,
    "alarm-acknowledged": _acknowledged,
    "alarm-resolved": _resolved,
    "escort": _escort,
    "instructions-given": _instructions,
    "override": _override,
    "departure": _departure,
}

ALWAYS = frozenset(
    {
        "observation",
        "symptom",
        "administration",
        "note",
        "alarm",
        "alarm-acknowledged",
        "alarm-resolved",
        "escort",
        "instructions-given",
        "retracted",
    }
)
"""Never blocked, in no phase: charting."""

BY_PHASE: dict[Phase, frozenset[str]] = {
    "before": frozenset({"check-in", "settings-read", "override", "departure"}),
    "arrival": frozenset({"settings-read", "override", "dosing-start", "departure"}),
    "dosing": frozenset({"dose-given", "rate-change", "pause", "dosing-stop", "departure"}),
    "paused": frozenset({"dose-given", "resume", "dosing-stop", "departure"}),
    "observation": frozenset({"override", "departure"}),
    "departed": frozenset(),
}


UNCORRECTED = frozenset({"alarm", "alarm-acknowledged", "alarm-resolved", "override", "retracted"})
"""What was raised, seen or decided stays as it was."""


def allowed(state: SessionState) -> frozenset[str]:
    """The kinds that make sense now. Starting also needs the gate, discharge its criteria: see those."""
    return ALWAYS | BY_PHASE[state.phase]


def refuse_now(entries: Sequence[Entry], entry: Entry) -> Refusal | None:
    """Why an entry is not possible at the moment it claims, or None. A correction is judged by what it corrects."""
    if entry.corrects is not None:
        return _refuse_correction(entries, entry)
    if entry.kind in ALWAYS:
        return None
    then = fold(x for x in entries if x.at <= entry.at)
    if entry.kind in allowed(then):
        return None
    return refuse(
        Reason.NOT_ALLOWED_NOW,
        entry.kind,
        f"the session is in {then.phase}",
        next="Look at the session again: somebody may have done it already.",
    )


def _refuse_correction(entries: Sequence[Entry], entry: Entry) -> Refusal | None:
    corrected = next((x for x in entries if x.id == entry.corrects), None)
    if corrected is None:
        return refuse(
            Reason.NOT_KNOWN_HERE, "the entry to correct", entry.corrects, allowed="this session's own"
        )
    if (corrected.kind, entry.kind) == ("dosing-start", "retracted") and _given_after(entries, corrected):
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "taking back the start",
            "doses were charted after it",
            next="Take those back first, or correct the time of the start.",
        )
    if corrected.kind in UNCORRECTED or (corrected.kind, entry.kind) == ("departure", "retracted"):
        return refuse(Reason.NOT_ALLOWED_NOW, "correcting", corrected.kind, next="Write a note instead.")
    if entry.kind not in {corrected.kind, "retracted"}:
        return refuse(Reason.MISMATCH, "kind", entry.kind, next=f"Correct it by a {corrected.kind}.")
    return None


def _given_after(entries: Sequence[Entry], start: Entry) -> bool:
    """Whether something was given, changed or stopped under this start: without it, that would hang in the air."""
    under = {"dose-given", "rate-change", "pause", "resume", "dosing-stop"}
    return any(e.kind in under and e.at >= start.at for e in effective(entries))
