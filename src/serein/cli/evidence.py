"""serein evidence: a source, and what rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from serein import units
from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.errors import Reason, refuse
from serein.knowledge.types import Evidence, Knowledge, Result


@click.command("evidence")
@click.argument("key", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON: one object, or a list of all.")
def command(key: str | None, as_json: bool) -> None:
    """Show the source KEY, how it was checked, and which rules, facts and doses cite it. Without KEY, list all.

    \b
    Examples:
      serein evidence
      serein evidence kamp-2020
    """
    knowledge = knowledge_in_use()
    if key is None:
        click.echo(_all(knowledge, as_json))
        return
    source = knowledge.evidence.get(key)
    if source is None:
        raise Refused(refuse(Reason.NOT_KNOWN_HERE, "KEY", key, allowed="`serein evidence` lists them"))
    cited = cited_by(key, knowledge)
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.to_builtins(source), "cited_by": cited}))
    else:
        click.echo("\n".join(_lines(source, cited)))


def cited_by(key: str, knowledge: Knowledge) -> list[str]:
    """Files of the pack that cite the source; of a file of facts, the fact."""
    found = []
    for name, raw in sorted(knowledge.pack.files.items()):
        if name.startswith("facts/"):
            found += [f"{name}: {fact}" for fact, body in raw.items() if _cites(body, key)]
        elif _cites(raw, key):
            found.append(name)
    return found


def _cites(raw: Any, key: str) -> bool:
    if isinstance(raw, dict):
        own = raw.get("evidence")
        return (isinstance(own, list | tuple) and key in own) or any(_cites(v, key) for v in raw.values())
    return isinstance(raw, list | tuple) and any(_cites(v, key) for v in raw)


def _all(knowledge: Knowledge, as_json: bool) -> str | bytes:
    if as_json:
        return msgspec.json.encode([knowledge.evidence[k] for k in sorted(knowledge.evidence)])
    width = max(map(len, knowledge.evidence), default=0)
    return "\n".join(
        f"{key:{width}}  {knowledge.evidence[key].citation} [{knowledge.evidence[key].checked}]"
        for key in sorted(knowledge.evidence)
    )


def _lines(source: Evidence, cited: list[str]) -> Iterator[str]:
    yield source.citation
    yield f"  {source.design}; {source.population}{f' (n = {source.n})' if source.n else ''}"
    yield from (f"  supports: {claim}" for claim in source.supports)
    yield from (f"  result {key}: {_result(result)}" for key, result in source.results.items())
    if source.funding:
        yield f"  funding: {source.funding}"
    if source.grade:
        yield f"  grade: {source.grade.level} ({source.grade.how}, {source.grade.basis}): {source.grade.why}"
    yield f"  checked: {source.checked}, {source.checked_on.isoformat()}: {source.checked_how}"
    yield from (f"  {line}" for line in (source.identifier, source.url) if line)
    yield from (f"  cited by: {name}" for name in cited or ["nothing yet"])


def _result(result: Result) -> str:
    shown = f"{units.show(result.value)} {result.unit}".rstrip()
    if result.low is not None and result.high is not None:
        shown += f" ({result.interval} {units.show(result.low)} to {units.show(result.high)})"
    if result.versus is not None:
        shown += f" against {units.show(result.versus)}"
    return f"{shown}: {result.outcome}{f', {result.at}' if result.at else ''}"
