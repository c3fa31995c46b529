"""The gate: may the dose begin now? And the statements that a session's log makes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

import msgspec

from serein.knowledge.types import Knowledge, Rule, Substance, Value
from serein.logic import Facts, Known, Statement
from serein.logic import evaluate as evaluate_condition
from serein.pathway.session.entries import SettingsRead
from serein.pathway.session.state import Charted, SessionState
from serein.safety import Decision, Finding, Override, Question, evaluate
from serein.safety.decision import Jurisdiction, conclusion_of
from serein.safety.evaluate import applicable

WEEK_D = 7
BASELINES = {
    "systolic_pressure": "baseline_systolic_pressure",
    "diastolic_pressure": "baseline_diastolic_pressure",
}


def gate(
    statements: Iterable[Statement],
    knowledge: Knowledge,
    *,
    product: str,
    route: str,
    at: dt.datetime,
    jurisdiction: str = "US",
    overrides: Iterable[Override] = (),
) -> Decision:
    """The decision of the day. Only `eligible` opens the gate; caution and inform stand beside it."""
    return evaluate(
        _question("session", "day-of-treatment", product, route, at, jurisdiction),
        statements,
        knowledge,
        overrides=overrides,
    )


NOT_ASKED = frozenset(
    {
        "order_valid",
        "consent_valid",
        "acceptance_valid",
        "open_safety_task",
        "identifiers_checked",
        "dose_read_by_two",
        "pump_read_by_two",
        "minutes_since_dosing_start",
        "minutes_since_dosing_end",
        "escort_present",
        "instructions_given",
        "aldrete_total",
    }
)
"""Facts that come from elsewhere than a plain answer: the programme itself, or an entry of their own kind."""


OWN_PAGE = frozenset({"medicines_confirmed_today"})
"""Facts that a page of their own settles: not asked as a plain answer, though one may be charted from paper."""


NOT_STATED = (NOT_ASKED - {"aldrete_total"}) | frozenset(BASELINES.values())
"""Facts that nobody states as a reading or an answer: only their own entries, or the programme, settle them."""


DOSE_COUNTS = frozenset({"hours_since_last_dose", "doses_last_7_days", "weeks_since_first_dose"})


LATE_AFTER = dt.timedelta(minutes=5)
"""A start claimed further back is a report of what happened, not a request. Not a clinical number."""


def charted_late(at: dt.datetime, recorded_at: dt.datetime) -> bool:
    """Whether a start is only told afterwards: nobody can be let through or held back any more."""
    return recorded_at - at > LATE_AFTER


def baseline_of(decision: Decision, knowledge: Knowledge) -> dict[str, float]:
    """The pressures on which a gate was judged, by fact: what a rise is measured from."""
    facts = Facts(decision.statements, knowledge, decision.question.at)
    found = {key: facts[key] for key in BASELINES}
    return {k: float(cast(Any, r.value)) for k, r in found.items() if isinstance(r, Known)}


class Check(msgspec.Struct, frozen=True):
    """One rule of a decision and how it came out, the silent ones too."""

    rule: str
    state: Literal["fires", "unknown", "overridden", "passed"]
    because: tuple[str, ...]
    missing: tuple[str, ...]
    finding: Finding | None

    @property
    def can_be_overridden(self) -> bool:
        """It stands in the way, and a prescriber may go on in spite of it."""
        return (
            self.finding is not None
            and self.finding.overridable
            and conclusion_of(self.finding) != "eligible"
        )


def checks(decision: Decision, knowledge: Knowledge) -> tuple[Check, ...]:
    """Every rule that applies, in the decision's order, then those that passed by name."""
    facts = Facts(decision.statements, knowledge, decision.question.at)
    found = [_finding(f) for f in decision.findings]
    judged = {f.rule for f in decision.findings}
    for rule in sorted(applicable(decision.question, knowledge), key=lambda r: r.key):
        if rule.key not in judged:
            used = evaluate_condition(rule.condition, facts).used
            said = tuple(dict.fromkeys(s.because for k in used for s in facts[k].statements))
            found.append(Check(rule.key, "passed", said, (), None))
    return tuple(found)


def _finding(finding: Finding) -> Check:
    state = "overridden" if finding.overridden is not None else finding.state
    return Check(finding.rule, cast(Any, state), finding.because, finding.missing, finding)


def questions(decision: Decision, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts to ask now: those that are missing, and those whose new value could clear what holds."""
    asked = [m.fact for m in decision.missing if m.if_unknown != "note"]
    for finding in decision.findings:
        if finding.state == "fires" and conclusion_of(finding) != "eligible":
            asked += finding.resolves
    return tuple(
        dict.fromkeys(
            k for k in asked if k not in NOT_ASKED | OWN_PAGE and knowledge.facts[k].derived is None
        )
    )


def monitoring_rules(knowledge: Knowledge, *, product: str, route: str, at: dt.datetime) -> tuple[Rule, ...]:
    """The rules that alarm for this product and route."""
    asked = _question("session", "monitoring", product, route, at, "US")
    return tuple(r for r in applicable(asked, knowledge) if r.alarm is not None)


def _question(
    stage: str, kind: str, product: str, route: str, at: dt.datetime, jurisdiction: str
) -> Question:
    return Question(
        stage=cast(Any, stage),
        product=cast(Substance, product),
        route=route,
        at=at,
        jurisdiction=cast(Jurisdiction, jurisdiction),
        kinds=(kind,),
    )


def statements(
    state: SessionState,
    knowledge: Knowledge,
    at: dt.datetime,
    *,
    order: Mapping[str, Any] | None = None,
) -> tuple[Statement, ...]:
    """What the log says, for the engine: readings by staff, and what follows from the log, computed.

    `order` is the body of the standing order; what two persons read is compared with it.
    """
    return (
        *_observed(state, knowledge),
        *_checked(state),
        *_read_by_two(state, order or {}),
        *_baselines(state, knowledge),
        *_elapsed(state, at),
    )


def course_statements(
    *,
    at: dt.datetime,
    asked_from: dt.datetime,
    order_valid: bool,
    consent_valid: bool,
    acceptance_valid: bool,
    open_safety_task: bool,
    doses: Sequence[tuple[dt.datetime, dt.datetime]],
    course_doses: Sequence[tuple[dt.datetime, dt.datetime]],
) -> tuple[Statement, ...]:
    """What the programme knows of a course. `doses` are (start, end) of every course's, without the present one.

    What follows from doses given here is dated `asked_from`, the arrival: a dose elsewhere that staff state
    afterwards counts instead.
    """
    said = [
        _computed(
            "order_valid",
            order_valid,
            at,
            "a signed order is valid now" if order_valid else "no signed order is valid now",
        ),
        _computed(
            "consent_valid",
            consent_valid,
            at,
            "a signed consent is valid now" if consent_valid else "no signed consent is valid now",
        ),
        _computed(
            "acceptance_valid",
            acceptance_valid,
            at,
            "a prescriber has accepted the course" if acceptance_valid else "no acceptance holds now",
        ),
        _computed(
            "open_safety_task",
            open_safety_task,
            at,
            "a safety task is open" if open_safety_task else "no safety task is open",
        ),
        _computed("previous_dose", bool(doses), asked_from, f"{len(doses)} earlier doses here"),
    ]
    week = [start for start, _ in doses if at - start <= dt.timedelta(days=WEEK_D)]
    said.append(
        _computed("doses_last_7_days", float(len(week)), asked_from, f"{len(week)} doses in seven days")
    )
    if doses:
        hours = (at - max(end for _, end in doses)) / dt.timedelta(hours=1)
        said.append(
            _computed("hours_since_last_dose", hours, asked_from, f"{hours:.1f} h since the last dose")
        )
    weeks = (at - min(start for start, _ in course_doses)) / dt.timedelta(weeks=1) if course_doses else 0.0
    said.append(
        _computed("weeks_since_first_dose", weeks, asked_from, f"{weeks:.1f} weeks since the first dose")
    )
    return tuple(said)


def without_loosening(stated: Iterable[Statement], course: Iterable[Statement]) -> tuple[Statement, ...]:
    """What was stated, without what makes less of the doses than `course_statements` says were given here.

    A dose elsewhere may be stated and counts; nobody states away a dose that the programme itself gave.
    """
    given = {s.fact: s.value for s in course}
    return tuple(s for s in stated if not _loosens(s, given))


def _loosens(stated: Statement, given: Mapping[str, Value | None]) -> bool:
    here, value = given.get(stated.fact), stated.value
    if stated.fact == "previous_dose":
        return here is True and value is not True
    if stated.fact not in DOSE_COUNTS or not isinstance(here, float):
        return False
    if not isinstance(value, int | float):
        return True
    return value > here if stated.fact == "hours_since_last_dose" else value < here


def _computed(fact: str, value: bool | float, at: dt.datetime, because: str) -> Statement:
    return Statement(fact, value, at, "computed", because)


def _observed(state: SessionState, knowledge: Knowledge) -> Iterator[Statement]:
    for fact, series in state.observations.items():
        for r in series:
            said = f"{knowledge.facts[fact].text.ask}: {_word(r.value)} ({r.by}, {r.at:%H:%M} UTC)"
            yield Statement(fact, r.value, r.at, "staff", said, id=f"{r.entry}/{fact}")


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _checked(state: SessionState) -> Iterator[Statement]:
    if state.check_in is not None:
        said = f"checked by {state.check_in.by_name}: {', '.join(state.check_in.body.identifiers)}"
        yield Statement("identifiers_checked", True, state.check_in.at, "staff", said)
    if state.escort is not None:
        body, name = state.escort.body, state.escort.body.name
        yield Statement("escort_arranged", True, state.escort.at, "staff", f"escort {name}")
        word = "is here" if body.arrived else "is not here yet"
        yield Statement("escort_present", body.arrived, state.escort.at, "staff", f"escort {name} {word}")
    if state.instructions is not None:
        said = f"given by {state.instructions.by_name}"
        yield Statement("instructions_given", True, state.instructions.at, "staff", said)


def _read_by_two(state: SessionState, order: Mapping[str, Any]) -> Iterator[Statement]:
    """The last reading of each person; the last two persons count. One person alone settles nothing."""
    by_person = {c.by: c for c in state.settings}
    two = sorted(by_person.values(), key=lambda c: c.at)[-2:]
    if len(two) < 2:
        return
    for fact, fields in (
        ("dose_read_by_two", ("product", "dose_mg", "concentration_mg_per_ml", "volume_ml", "units")),
        ("pump_read_by_two", ("concentration_mg_per_ml", "volume_ml", "pump_ml_per_h")),
    ):
        wrong = _disagreements(two, fields, order)
        names = " and ".join(c.by_name for c in two)
        said = f"read alike by {names}" if not wrong else f"{names}: {'; '.join(wrong)}"
        yield Statement(fact, not wrong, two[-1].at, "computed", said)


def _disagreements(two: Sequence[Charted], fields: Iterable[str], order: Mapping[str, Any]) -> list[str]:
    first, second = (c.body for c in two)
    found = []
    for name in fields:
        a, b = getattr(first, name), getattr(second, name)
        if a != b:
            found.append(f"{name} {a} and {b}")
        elif order and not _as_ordered(name, first, order):
            found.append(f"{name} {a}, ordered {_ordered(name, order)}")
    return found


def _ordered(name: str, order: Mapping[str, Any]) -> str:
    if name == "dose_mg":
        return f"{order.get('dose_low_mg')} to {order.get('dose_high_mg')}"
    return str(order.get(name))


UNITS_AGREE = 0.01
"""A count goes with a dose that is shown to 0.1 mg: not a clinical number."""


def _as_ordered(name: str, body: SettingsRead, order: Mapping[str, Any]) -> bool:
    """Whether what was read is what was ordered.

    A pump shows one decimal, so volume and rate are compared by that, a syringe's volume by two; a concentration is
    as it was ordered. Where another dose of the range was read, the rest goes with it.
    """
    read = getattr(body, name)
    if name == "dose_mg" and order.get("dose_low_mg") is not None and order.get("dose_high_mg") is not None:
        return bool(order["dose_low_mg"] <= read <= order["dose_high_mg"])
    wanted = order.get(name)
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return bool(read == wanted)
    if read is None:
        return False
    if name == "concentration_mg_per_ml":
        return math.isclose(float(read), float(wanted), rel_tol=1e-9)
    wanted = float(wanted) * body.dose_mg / order.get("dose_mg", body.dose_mg)
    if name == "units":
        return math.isclose(float(read), wanted, rel_tol=UNITS_AGREE)
    decimals = 1 if order.get("pump_ml_per_h") is not None or name == "pump_ml_per_h" else 2
    return bool(round(float(read), decimals) == round(wanted, decimals))


def _baselines(state: SessionState, knowledge: Knowledge) -> Iterator[Statement]:
    """The last pressure before the dose; before dosing begins there is none yet.

    The one that the gate was judged on, wherever it was measured; else the last of this log.
    """
    if state.start is None:
        return
    for fact, baseline in BASELINES.items():
        judged = state.start.body.baseline.get(fact)
        if judged is not None:
            said = f"{knowledge.facts[baseline].text.ask}: {_word(judged)}"
            yield Statement(baseline, judged, state.start.at, "computed", said)
            continue
        before = [r for r in state.observations.get(fact, ()) if r.at <= state.start.at]
        if before:
            r = before[-1]
            said = f"{knowledge.facts[baseline].text.ask}: {_word(r.value)} ({r.at:%H:%M} UTC)"
            yield Statement(baseline, r.value, r.at, "computed", said)


def _elapsed(state: SessionState, at: dt.datetime) -> Iterator[Statement]:
    for fact, since, what in (
        ("minutes_since_dosing_start", state.dosing_started_at, "began"),
        ("minutes_since_dosing_end", state.dosing_ended_at, "ended"),
    ):
        if since is not None and since <= at:
            minutes = (at - since) / dt.timedelta(minutes=1)
            said = f"{minutes:.0f} min since the dose {what} ({since:%H:%M} UTC)"
            yield Statement(fact, minutes, at, "computed", said)
