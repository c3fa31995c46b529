"""The entries of a session's log: every kind with the shape of its body, and the one way in: parse or refuse."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from serein.errors import Reason, Refusal, refuse

Amount = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Words = Annotated[str, Meta(min_length=1, max_length=2000)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]
FUTURE_TOLERANCE = dt.timedelta(
    minutes=2
)  # clocks of tablets and servers differ; more than this is a mistake


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every body: frozen, and closed to unknown keys."""


class CheckIn(Body, frozen=True, kw_only=True):
    """The person is here; these identifiers were compared with the order."""

    identifiers: Annotated[tuple[Short, ...], Meta(min_length=2)]

    def __post_init__(self) -> None:
        if len({i.casefold().strip() for i in self.identifiers}) < 2:
            raise ValueError("two different identifiers are needed")


class SettingsRead(Body, frozen=True, kw_only=True):
    """What one person read from label, syringe and pump. Two persons read; the gate compares."""

    product: Short
    dose_mg: Positive
    concentration_mg_per_ml: Positive | None = None
    volume_ml: Positive | None = None
    pump_ml_per_h: Positive | None = None
    units: Positive | None = None
    """How many devices, lozenges …"""


class DosingStart(Body, frozen=True, kw_only=True):
    """Dosing begins. An infusion has a rate; a spray or bolus has none and is charted as `dose-given`.

    `baseline` is what the gate was judged on: the last pressure before the dose, whoever measured it. `charted_late`
    is the reason of a start that nobody asked Serein about beforehand: it is recorded, not permitted.
    """

    product: Short
    route: Short
    dose_mg: Positive
    rate_mg_per_h: Positive | None = None
    over_min: Positive | None = None
    baseline: dict[str, float] = {}
    charted_late: str = ""


class DoseGiven(Body, frozen=True, kw_only=True):
    """Given at once: a nasal device, a lozenge, a bolus. In mg of the base."""

    mg: Positive
    what: Short


class RateChange(Body, frozen=True, kw_only=True):
    rate_mg_per_h: Positive
    reason: str = ""


class Pause(Body, frozen=True, kw_only=True):
    reason: str = ""


class Resume(Body, frozen=True, kw_only=True):
    """Without a rate: at the rate from before the pause."""

    rate_mg_per_h: Positive | None = None


class DosingStop(Body, frozen=True, kw_only=True):
    """The dose has ended. Stopping asks for nothing: the reason may follow, in a correction of this entry."""

    how: Literal["completed", "aborted", "part-given"]
    reason: str = ""


class Observation(Body, frozen=True, kw_only=True):
    """Readings and ratings by fact; numbers in the fact's unit."""

    values: Annotated[dict[str, bool | float | str], Meta(min_length=1)]


class Symptom(Body, frozen=True, kw_only=True):
    """An unwanted effect, graded 1 to 5 as in the Common Terminology Criteria for Adverse Events."""

    term: Short
    onset: dt.datetime
    grade: Annotated[int, Meta(ge=1, le=5)]
    end: dt.datetime | None = None
    action: str = ""

    def __post_init__(self) -> None:
        if any(t is not None and t.tzinfo is None for t in (self.onset, self.end)):
            raise ValueError("a time needs a time zone")
        if self.end is not None and self.end < self.onset:
            raise ValueError("it cannot end before it begins")


class Administration(Body, frozen=True, kw_only=True):
    """One container of a controlled drug: what was drawn is given or wasted, before a witness."""

    product: Short
    container: Short
    lot: Short
    expiry: dt.date
    drawn_mg: Amount
    given_mg: Amount
    wasted_mg: Amount
    witness: Short
    witness_name: Short

    def __post_init__(self) -> None:
        if not math.isclose(self.drawn_mg, self.given_mg + self.wasted_mg, abs_tol=1e-6):
            raise ValueError("drawn must equal given plus wasted")


class Note(Body, frozen=True, kw_only=True):
    text: Words


class Alarm(Body, frozen=True, kw_only=True):
    rule: Short
    priority: Literal["high", "medium", "low"]
    because: tuple[str, ...] = ()


class AlarmAcknowledged(Body, frozen=True, kw_only=True):
    alarm: Short


class AlarmResolved(Body, frozen=True, kw_only=True):
    alarm: Short
    because: tuple[str, ...] = ()


class Escort(Body, frozen=True, kw_only=True):
    name: Short
    relation: str = ""
    arrived: bool = False


class InstructionsGiven(Body, frozen=True, kw_only=True):
    what: Words


class Overridden(Body, frozen=True, kw_only=True):
    """A prescriber's decision to go on in spite of one finding, in this session."""

    rule: Short
    digest: Short
    state: Literal["fires", "unknown"]
    reason: Words
    grounds: str = ""


class Departure(Body, frozen=True, kw_only=True):
    """Leaving. Whatever is not a discharge says why, whether a warning was given and which prescriber was told.

    `not-dosed`: the person goes home without a dose, because the gate did not open or they thought better of it.
    """

    how: Literal["discharged", "left-before-criteria", "transferred", "died", "not-dosed"]
    reason: str = ""
    warning_given: bool | None = None
    prescriber_told: str = ""

    def __post_init__(self) -> None:
        if self.how != "discharged" and not self.reason.strip():
            raise ValueError("leaving otherwise than by discharge needs a reason")


class Retracted(Body, frozen=True, kw_only=True):
    """The entry that this one corrects should not be there."""

    reason: Words


KINDS: dict[str, type[Body]] = {
    "check-in": CheckIn,
    "settings-read": SettingsRead,
    "dosing-start": DosingStart,
    "dose-given": DoseGiven,
    "rate-change": RateChange,
    "pause": Pause,
    "resume": Resume,
    "dosing-stop": DosingStop,
    "observation": Observation,
    "symptom": Symptom,
    "administration": Administration,
    "note": Note,
    "alarm": Alarm,
    "alarm-acknowledged": AlarmAcknowledged,
    "alarm-resolved": AlarmResolved,
    "escort": Escort,
    "instructions-given": InstructionsGiven,
    "override": Overridden,
    "departure": Departure,
    "retracted": Retracted,
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `at` is when it happened, as claimed; `recorded_at` when the server kept it; `seq` its place."""

    id: str
    kind: str
    at: dt.datetime
    recorded_at: dt.datetime
    body: dict[str, Any]
    by: str
    by_name: str
    seq: int = 0
    device: str = ""
    clock_source: str = "server"
    offset_ms: int = 0
    corrects: str | None = None

    def parsed(self) -> Any:
        """The body in the shape of its kind. It was checked when it came in."""
        return msgspec.convert(self.body, KINDS[self.kind])


def parse_entry(raw: Mapping[str, Any]) -> Entry | Refusal:
    """An entry as a client sent it, or why not. Knows nothing of the session: see `state.refuse_now`."""
    kind = raw.get("kind")
    if kind not in KINDS:
        return refuse(Reason.NOT_A_CHOICE, "kind", kind, allowed=", ".join(KINDS))
    try:
        entry = msgspec.convert(dict(raw), Entry)
        UUID(entry.id)
    except (msgspec.ValidationError, ValueError) as wrong:
        return refuse(Reason.UNKNOWN_KEY, "entry", wrong)
    for name, moment in (("at", entry.at), ("recorded_at", entry.recorded_at)):
        if moment.tzinfo is None:
            return refuse(Reason.NO_TIME_ZONE, name, moment)
    if entry.at > entry.recorded_at + FUTURE_TOLERANCE:
        return refuse(Reason.IN_THE_FUTURE, "at", entry.at.isoformat())
    return _with_body(entry)


def _with_body(entry: Entry) -> Entry | Refusal:
    if entry.kind == "retracted" and entry.corrects is None:
        return refuse(Reason.MISSING, "the entry to retract")
    try:
        body = msgspec.convert(entry.body, KINDS[entry.kind])
    except msgspec.ValidationError as wrong:
        return refuse(Reason.MISMATCH, entry.kind, wrong, next="Correct it and enter it again.")
    if isinstance(body, Administration) and body.witness == entry.by:
        return refuse(Reason.SAME_PERSON, "witness", entry.by_name)
    return msgspec.structs.replace(entry, body=msgspec.to_builtins(body))
