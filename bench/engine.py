"""Decisions a second on one core: prepared statements to a full `Decision`, every screening rule judged.

Beside it, in the same run and interleaved: json-logic's evaluation of the same conditions over the same values (two
truth values, no findings, no evidence, no reasons), and the slow, obvious twin of tests/property. Medians of rounds.
Bar: 1 000 a second; aim: 5 000.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from serein.knowledge.types import All, Any_, Compare, Condition, Fact, Knowledge
from serein.logic import Facts, Known, Statement
from serein.safety import Question, evaluate
from serein.safety.evaluate import applicable
from serein.safety.pack import default_store, usable_pack
from tests.property.slow_engine import told

ROUNDS, SECONDS = 11, 0.25
AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
BAR, AIM = 1000, 5000


def answered(fact: Fact) -> Any:
    low, high = fact.plausible or (0.0, 1.0)
    return {
        "flag": False,
        "number": (low + high) / 2,
        "choice": (fact.choices or ("",))[0],
        "set": (),
        "date": "1985-04-12",
    }[fact.type]


def people(knowledge: Knowledge) -> dict[str, list[Statement]]:
    """Three records: all of it answered, a third of it, and nothing at all (the most to explain)."""
    everything = [
        Statement(f.key, answered(f), AT - dt.timedelta(minutes=5), "staff", f"{f.key} said", f.key)
        for f in knowledge.facts.values()
        if f.derived is None
    ]
    return {"all answered": everything, "a third answered": everything[::3], "nothing known": []}


def rival(question: Question, statements: list[Statement], knowledge: Knowledge) -> Callable[[], Any]:
    """The same conditions as json-logic rules over a prepared dictionary of values."""
    from json_logic import jsonLogic

    facts = Facts(statements, knowledge, question.at)
    known = {k: facts[k] for k in knowledge.facts}
    values = {k: r.value for k, r in known.items() if isinstance(r, Known)}
    rules = [_as_json_logic(r.condition) for r in applicable(question, knowledge)]
    return lambda: [jsonLogic(rule, values) for rule in rules]


def _as_json_logic(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Compare):
        name, want = {"var": condition.fact}, condition.value
        if condition.operator == "within":
            assert isinstance(want, tuple)
            return {"<=": [want[0], name, want[1]]}
        if condition.operator == "includes":
            return {"in": [want, name]}
        sign = {"is": "==", "at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}[condition.operator]
        return {sign: [name, want]}
    parts = [_as_json_logic(part) for part in condition.of]
    if isinstance(condition, All):
        return {"and": parts}
    return {"or": parts} if isinstance(condition, Any_) else {"!": [{"or": parts}]}


def rate(work: Callable[[], Any]) -> float:
    """Calls a second of this process's own time: what else runs on the machine is not counted."""
    done, start = 0, time.process_time()
    while (taken := time.process_time() - start) < SECONDS:
        work()
        done += 1
    return done / taken


def main() -> int:
    knowledge = usable_pack(store=default_store())
    question = Question("screening", "ketamine", "intravenous", AT)
    count = len(applicable(question, knowledge))
    say(
        f"{count} rules of {len(knowledge.rules)} apply; Python {sys.version.split()[0]}; {ROUNDS} interleaved rounds"
    )
    slowest = float("inf")
    for name, statements in people(knowledge).items():
        works = {
            "serein": lambda s=statements: evaluate(question, s, knowledge),
            "json-logic": rival(question, statements, knowledge),
            "the slow twin": lambda s=statements: told(question, s, knowledge),
        }
        rates: dict[str, list[float]] = {who: [] for who in works}
        for _ in range(ROUNDS):
            for who, work in works.items():
                rates[who].append(rate(work))
        say(f"{name} ({len(statements)} statements)")
        for who, found in rates.items():
            say(
                f"  {who:<14} median {statistics.median(found):>8.0f}/s   range {min(found):.0f} to {max(found):.0f}"
            )
        slowest = min(slowest, statistics.median(rates["serein"]))
    say(
        f"slowest of the three {slowest:.0f}/s: bar {BAR}/s {'held' if slowest >= BAR else 'MISSED'}, aim {AIM}/s"
    )
    return 0 if slowest >= BAR else 1


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
