"""serein knowledge: what the pack holds, and what differs between two packs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.errors import KnowledgeError, Reason, refuse
from serein.knowledge.diff import Change, changes
from serein.knowledge.load import build, load
from serein.knowledge.stats import stats as counted
from serein.knowledge.types import Knowledge, Pack
from serein.safety.pack import default_store, stored_pack

HOW = {"new": "NEW", "gone": "GONE", "changed": "CHANGED"}


@click.group("knowledge")
def command() -> None:
    """What Serein knows: counted, and compared.

    \b
    Examples:
      serein knowledge stats
      serein knowledge diff old-knowledge/ src/serein/knowledge/
    """


@command.command("stats")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object.")
def stats(as_json: bool) -> None:
    """Count rules, their basis, examples, instruments, sources, facts and codes.

    \b
    Examples:
      serein knowledge stats
      serein knowledge stats --json
    """
    found = counted(knowledge_in_use())
    click.echo(msgspec.json.encode(found) if as_json else "\n".join(_table(found)))


def _table(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'knowledge':<14}{found['hash'][:12]}"
    for name, value in found.items():
        if isinstance(value, int):
            yield f"{name:<14}{value:>6}"
        elif isinstance(value, dict):
            yield from _block(name, value)


def _block(name: str, value: dict[str, Any]) -> Iterator[str]:
    yield f"{name:<14}{value['total']:>6}" if "total" in value else name
    for key, count in value.items():
        if isinstance(count, dict):
            yield f"  {key.replace('_', ' ')}"
            yield from (f"    {word.replace('_', ' '):<24}{n:>6}" for word, n in count.items())
        elif key != "total":
            yield f"  {key.replace('_', ' '):<26}{count:>6}"


@command.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="JSON: a list of changes.")
@click.option("--clinical", is_flag=True, help="Only what decides: no words, examples or review dates.")
def diff(old: str, new: str, as_json: bool, clinical: bool) -> None:
    """What changed from OLD to NEW: each a folder of knowledge files, a stored pack (pack-….json) or its hash.

    \b
    Examples:
      serein knowledge diff old-knowledge/ src/serein/knowledge/
      serein knowledge diff ~/.cache/serein/pack-3f….json src/serein/knowledge/
      serein knowledge diff 3f0a… 9c41…
    """
    found = [c for c in changes(pack_at(old, "OLD"), pack_at(new, "NEW")) if c.clinical or not clinical]
    if as_json:
        click.echo(msgspec.json.encode([{n: getattr(c, n) for n in Change.__slots__} for c in found]))
    else:
        click.echo("\n".join(told(found)))


def told(found: Iterable[Change]) -> Iterator[str]:
    """Changes in lines for a person."""
    rows = list(found)
    for change in rows:
        yield f"{HOW[change.how]:<8} {change.title} [{change.file}]"
        yield from (f"         {line}" for line in dict.fromkeys(change.lines))
    counts = {how: sum(c.how == how for c in rows) for how in HOW}
    yield (
        f"{counts['new']} new, {counts['gone']} gone, {counts['changed']} changed"
        if rows
        else "no difference"
    )


def pack_at(where: str, name: str, store: Path | None = None) -> Knowledge:
    """The pack that WHERE names: a folder, a stored file, or the hash of one that this machine has kept in `store`."""
    store = store or default_store()
    path = Path(where).expanduser()
    try:
        if path.is_dir():
            found = load(path)
            if not found.rules and not found.facts:
                raise Refused(
                    refuse(Reason.NOT_KNOWN_HERE, name, where, allowed="a folder of knowledge files")
                )
            return found
        if path.is_file():
            return build(msgspec.json.decode(path.read_bytes(), type=Pack))
        if re.fullmatch(r"[0-9a-f]{64}", where):
            kept = stored_pack(store, where)
            if kept is not None:
                return kept
    except KnowledgeError as error:
        raise click.ClickException(f"{name} does not load: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(refuse(Reason.NOT_JSON, name, error)) from None
    allowed = f"a folder, a file pack-….json, or the hash of one in {store}"
    raise Refused(refuse(Reason.NOT_KNOWN_HERE, name, where, allowed=allowed))
