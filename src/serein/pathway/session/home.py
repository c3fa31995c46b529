"""A dose at home: may it be released, is something wrong after it, may more be dispensed?

Nothing here gives a dose or stops anybody from calling for help: red flags are told to call the emergency service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from serein.knowledge.types import Knowledge, Stage, Substance
from serein.logic import Statement
from serein.safety import Decision, Override, Question, evaluate
from serein.safety.decision import Jurisdiction

Moment = Literal["before the dose", "after the dose", "the next day", "refill"]
STAGE_OF: dict[Moment, Stage] = {
    "before the dose": "session",
    "after the dose": "recovery",
    "the next day": "followup",
    "refill": "plan",
}


def at_home(
    moment: Moment,
    statements: Iterable[Statement],
    knowledge: Knowledge,
    *,
    product: Substance,
    route: str,
    at: dt.datetime,
    jurisdiction: Jurisdiction = "US",
    overrides: Iterable[Override] = (),
) -> Decision:
    """The rules of the programme at home at one of its moments. Only `eligible` releases a dose or a refill."""
    question = Question(
        stage=STAGE_OF[moment],
        product=product,
        route=route,
        at=at,
        setting="home",
        jurisdiction=jurisdiction,
        kinds=("home",),
    )
    return evaluate(question, statements, knowledge, overrides=overrides)
