"""Follow-up: what an answered questionnaire states, what the patient is told, and which task it raises.

Every deadline is in `knowledge/models/followup.toml`, with what it rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.instruments import Safety, Score, parse_answers, score
from serein.instruments.score import MISSING
from serein.knowledge.types import Instrument, Knowledge, Substance, Value
from serein.logic import Statement
from serein.safety import Decision, Override, Question, evaluate
from serein.safety.decision import Jurisdiction, Setting

Told = Literal["help-now", "clinic-will-ask", "thanks"]
WORST_FIRST: tuple[Safety, ...] = ("positive", "unknown", "none")


@dataclass(frozen=True, slots=True)
class SafetyTask:
    """What a clinician has to do: by when, whose role it is, and that no dose is given before."""

    within: dt.timedelta
    role: str
    asked: bool
    """True if the item was answered; false if it was left out and a clinician has to ask."""
    blocks_next_dose: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What the patient is told at once, and the task that the answer raises, if any."""

    told: Told
    task: SafetyTask | None = None


def answer_to(safety: Safety, knowledge: Knowledge) -> Reply:
    """The reply to the safety item: positive, left out, or neither."""
    model = _model(knowledge)
    if safety == "none":
        return Reply("thanks")
    limit = "safety_task_within" if safety == "positive" else "safety_unknown_within"
    task = SafetyTask(_span(model[limit]), model["safety_task_role"], asked=safety == "positive")
    return Reply("help-now" if safety == "positive" else "clinic-will-ask", task)


def judged(
    kind: Literal["surveillance", "crisis"],
    statements: Iterable[Statement],
    knowledge: Knowledge,
    *,
    product: Substance,
    route: str,
    at: dt.datetime,
    setting: Setting = "clinic",
    jurisdiction: Jurisdiction = "US",
    overrides: Iterable[Override] = (),
) -> Decision:
    """What is due or has changed over months (surveillance), or what an answer about suicide asks for (crisis)."""
    question = Question(
        stage="followup",
        product=product,
        route=route,
        at=at,
        setting=setting,
        jurisdiction=jurisdiction,
        kinds=(kind,),
    )
    return evaluate(question, statements, knowledge, overrides=overrides)


def worst(safeties: Iterable[Safety]) -> Safety:
    """The one of several that is answered first: positive before unknown before none."""
    given = set(safeties)
    return next((s for s in WORST_FIRST if s in given), "none")


def safety_so_far(instrument: Instrument, given: Sequence[str]) -> Safety:
    """What the safety item says in answers that are not complete: an empty one is not answered yet."""
    parsed = parse_answers(instrument, [answer or MISSING for answer in given])
    return "unknown" if isinstance(parsed, Refusal) else score(instrument, parsed).safety


def safeties(answers: Mapping[str, Sequence[str]], knowledge: Knowledge) -> list[Safety]:
    """`safety_so_far` of each questionnaire, by the instrument's key."""
    return [safety_so_far(knowledge.instruments[key], given) for key, given in answers.items()]


def heard(safeties: Iterable[Safety], knowledge: Knowledge) -> Reply | None:
    """The reply to answers that are not kept: those not sent yet, and those of a link that is closed.

    A positive safety item is heard all the same. One that is left out is no news before the answers are sent.
    """
    return answer_to("positive", knowledge) if worst(safeties) == "positive" else None


def facts_of(result: Score, knowledge: Knowledge) -> dict[str, Value | None]:
    """The facts that a score states. An item left out is a question (None), never a no; no total states none."""
    stated: dict[str, Value | None] = {}
    total = knowledge.instruments[result.instrument].fact
    if total and result.total is not None:
        stated[total] = result.total
    safety = _model(knowledge)["safety_facts"].get(result.instrument)
    if safety is not None:
        stated[safety] = {"positive": True, "none": False, "unknown": None}[result.safety]
    return stated


def asked_for(chosen: Sequence[str], knowledge: Knowledge) -> tuple[Instrument, ...] | Refusal:
    """The instruments that may be sent to a patient, in the order chosen; each once."""
    known = {k: i for k, i in knowledge.instruments.items() if i.rater == "self"}
    for key in chosen:
        if key not in known:
            return refuse(Reason.NOT_KNOWN_HERE, "questionnaire", key, allowed=", ".join(sorted(known)))
    if not chosen:
        return refuse(Reason.MISSING, "questionnaire")
    return tuple(known[key] for key in dict.fromkeys(chosen))


def usual(knowledge: Knowledge) -> tuple[str, ...]:
    """The instruments that are sent unless somebody chooses others."""
    return tuple(_model(knowledge)["instruments"])


def link_valid_for(knowledge: Knowledge) -> dt.timedelta:
    return _span(_model(knowledge)["link_valid_for"])


def next_asking(
    last_dose: dt.datetime | None, answered: Iterable[dt.datetime], knowledge: Knowledge
) -> dt.datetime | None:
    """When questionnaires fall due after the last dose: the first moment of the plan that no answer follows."""
    return _first_open(last_dose, answered, _model(knowledge)["ask_after_dose"], "")


def due(
    last_dose: dt.datetime | None, answered: Mapping[str, Sequence[dt.datetime]], knowledge: Knowledge
) -> dict[str, dt.datetime]:
    """When each instrument that is asked by a plan falls due next, by its key; `answered` are the times it was.

    An instrument has its own schedule, or is one of those that are usually sent.
    """
    usually, found = usual(knowledge), {}
    for key, instrument in knowledge.instruments.items():
        plan = instrument.schedule
        if plan is not None:
            moment = _first_open(last_dose, answered.get(key, ()), plan.after_dose, plan.then_every)
        else:
            moment = next_asking(last_dose, answered.get(key, ()), knowledge) if key in usually else None
        if moment is not None:
            found[key] = moment
    return found


def _first_open(
    last_dose: dt.datetime | None,
    answered: Iterable[dt.datetime],
    after_dose: Sequence[str],
    then_every: str,
) -> dt.datetime | None:
    """The first planned moment that no answer follows. `then_every` counts from the dose, past the fixed moments."""
    if last_dose is None:
        return None
    last = max(answered, default=None)
    moments = sorted(last_dose + _span(after) for after in after_dose)
    open_ = next((m for m in moments if last is None or last < m), None)
    if open_ is not None or not then_every:
        return open_
    every, reached = _span(then_every), max(moments[-1:] + [m for m in (last,) if m])
    return last_dose + every * ((reached - last_dose) // every + 1)


def _model(knowledge: Knowledge) -> Mapping[str, Any]:
    return knowledge.models["followup"]


def _span(text: str) -> dt.timedelta:
    parsed = units.parse(text, "span", "s", positive=True)
    if isinstance(parsed, Refusal):
        raise ValueError(f"knowledge/models/followup.toml: {parsed}")
    return dt.timedelta(seconds=float(parsed.to("s")))
