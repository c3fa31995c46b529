"""serein replay: a stored decision, judged again with the knowledge that it was made with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from serein import ENGINE
from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.errors import KnowledgeError, Reason, Refusal, refuse
from serein.knowledge.types import Fact, Knowledge
from serein.logic import Statement
from serein.safety import Decision
from serein.safety.decision import canonical, from_json
from serein.safety.evaluate import replay
from serein.safety.pack import default_store, stored_pack


@click.command("replay")
@click.argument("decision", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(decision: Path) -> None:
    """Judge DECISION again, with its own knowledge on today's engine, and compare.

    Prints "same", or what differs (exit 1). DECISION is what `serein screen --json` wrote.

    \b
    Example:
      serein screen record.json --at last --json > decision.json
      serein replay decision.json
    """
    stored = _stored(decision)
    knowledge = _knowledge(stored.knowledge)
    misfit = _misfit(stored, knowledge)
    if misfit is not None:
        raise Refused(misfit)
    again = msgspec.structs.replace(replay(stored, knowledge), engine=stored.engine)
    engine = "" if stored.engine == ENGINE else f" (made with {stored.engine}, replayed with {ENGINE})"
    if canonical(again) == canonical(stored):
        click.echo(f"same{engine}")
        return
    click.echo("\n".join([f"different{engine}", *_differences(stored, again)]), err=True)
    raise SystemExit(1)


def _stored(path: Path) -> Decision:
    try:
        return from_json(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refuse(Reason.NOT_JSON, "DECISION, a stored decision,", error)) from None


def _knowledge(hash_: str) -> Knowledge:
    """The pack of this hash: the one in use, or an older one that this machine has kept."""
    now = knowledge_in_use()
    if hash_ == now.hash:
        return now
    try:
        kept = stored_pack(default_store(), hash_) if re.fullmatch(r"[0-9a-f]{64}", hash_) else None
    except KnowledgeError:
        kept = None
    if kept is None or kept.hash != hash_:
        where = f"{now.hash[:12]}… (in use), or copy pack-{hash_[:64]}.json into {default_store()}"
        raise Refused(refuse(Reason.NOT_KNOWN_HERE, "The decision's knowledge", hash_, allowed=where))
    return kept


def _misfit(decision: Decision, knowledge: Knowledge) -> Refusal | None:
    """What in a stored decision no decision can have: a file that somebody has changed. Or its overlay is not here."""
    if decision.overlay is not None:
        allowed = "the page of the decision at the site: its overlay is kept there"
        return refuse(Reason.NOT_KNOWN_HERE, "The decision's overlay", decision.overlay, allowed=allowed)
    if decision.question.at.tzinfo is None:
        return refuse(Reason.NO_TIME_ZONE, "question.at", decision.question.at)
    for statement in decision.statements:
        fact = knowledge.facts.get(statement.fact)
        if fact is None:
            return refuse(Reason.UNKNOWN_KEY, "statements", statement.fact)
        if statement.at.tzinfo is None:
            return refuse(Reason.NO_TIME_ZONE, f"{statement.fact}.at", statement.at)
        if not _fits(fact, statement):
            return refuse(Reason.MISMATCH, statement.fact, statement.value, next=f"It must be a {fact.type}.")
    return None


def _fits(fact: Fact, statement: Statement) -> bool:
    value = statement.value
    if value is None:
        return True
    if fact.type == "flag":
        return isinstance(value, bool)
    if fact.type == "number":
        return isinstance(value, float)
    if fact.type == "set":
        return isinstance(value, tuple)
    return isinstance(value, str) and (fact.type != "date" or _is_moment(value))


def _is_moment(value: str) -> bool:
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _differences(stored: Decision, again: Decision) -> Iterator[str]:
    """What differs, the conclusion first, rule by rule."""
    if stored.conclusion != again.conclusion:
        yield f"conclusion: {stored.conclusion} -> {again.conclusion}"
    before = {f.rule: f for f in stored.findings}
    after = {f.rule: f for f in again.findings}
    for rule in sorted(before.keys() | after.keys()):
        was, is_ = before.get(rule), after.get(rule)
        if was != is_:
            states = f"{was.state if was else 'silent'} -> {is_.state if is_ else 'silent'}"
            changed = (
                [n for n in was.__struct_fields__ if getattr(was, n) != getattr(is_, n)]
                if was and is_
                else []
            )
            yield f"rule {rule}: {states}{' (' + ', '.join(changed) + ')' if changed else ''}"
    for name in stored.__struct_fields__:
        if name not in ("conclusion", "findings") and getattr(stored, name) != getattr(again, name):
            yield f"{name}: differs"
