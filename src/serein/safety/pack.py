"""The pack as it may be used: loaded, and every rule and instrument agreeing with its own worked examples.

Checking takes longer than reading, so a pack that passed is remembered by its hash, with its content: that is
also where `serein replay` finds the knowledge of an old decision.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from serein.errors import KnowledgeError
from serein.instruments.examples import disagreements as instrument_disagreements
from serein.knowledge.load import HERE, build, digest, duration_s, line_of, load, pack_files
from serein.knowledge.types import Example, Fact, Knowledge, Pack, Rule, SuggestionExample, Value
from serein.logic import Facts, Statement, suggested
from serein.safety.evaluate import judge

EXAMPLE_AT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def usable_pack(directory: Path = HERE, *, store: Path | None = None) -> Knowledge:
    """The pack below `directory`, validated, its examples checked. Raises `KnowledgeError`.

    `store` is a folder where checked packs are kept by hash; None checks every time.
    """
    texts = pack_files(directory)
    if store is not None:
        kept = _kept(store, digest_of_texts(texts))
        if kept is not None:
            return build(kept)
    knowledge = load(directory)
    check_examples(knowledge, texts)
    if store is not None:
        _keep(store, digest_of_texts(texts), knowledge)
    return knowledge


def stored_pack(store: Path, hash_: str) -> Knowledge | None:
    """The pack with this hash, if this machine has used it."""
    kept = _read(store / f"pack-{hash_}.json")
    return build(kept) if kept is not None else None


def digest_of_texts(texts: dict[str, str]) -> str:
    """The hash of the files as they are written, language text included: names one checked state of them."""
    return digest({"files": sorted(texts.items())})


def check_examples(knowledge: Knowledge, texts: Mapping[str, str] | None = None) -> None:
    """Refuse a pack in which a rule or an instrument disagrees with its own examples.

    `texts` are the files as they are written: they give the line.
    """
    for rule in knowledge.rules.values():
        for example in rule.examples:
            try:
                got = state_in_example(rule, example, knowledge)
                problem = f'example "{example.note}" says {example.state}, the rule says {got}'
            except KnowledgeError as error:
                got, problem = "nothing", error.problem
            if got != example.state:
                line = line_of((texts or {}).get(rule.file, ""), f'"{example.note}"')
                raise KnowledgeError(rule.file, line, problem)
    for suggestion in knowledge.suggestions.values():
        for one in suggestion.examples:
            if bool(suggested(suggestion, readings_in_example(one))) != one.asks:
                says = "it asks" if one.asks else "it does not ask"
                raise KnowledgeError(suggestion.file, None, f'example "{one.note}": {says}, which is not so')
    for instrument in knowledge.instruments.values():
        for problem in instrument_disagreements(instrument):
            raise KnowledgeError(f"instruments/{instrument.key}.toml", None, problem)
    for key, raw in knowledge.models.items():
        if raw.get("kind") == "three-compartment":
            _check_model(key, raw)


def _check_model(key: str, raw: Mapping[str, Any]) -> None:
    from serein.pharmacology import ThreeCompartment  # it brings NumPy: only where a pack is checked

    try:
        ThreeCompartment.from_data(raw)
    except ValueError as error:
        raise KnowledgeError(f"models/{key}.toml", None, str(error)) from None


def state_in_example(rule: Rule, example: Example, knowledge: Knowledge) -> str:
    """What a rule comes to on the facts of one of its examples: fires, silent or unknown."""
    given = example_statements(example.facts, knowledge, rule.file, example.ago)
    facts = Facts(given, knowledge, EXAMPLE_AT)
    finding = judge(rule, facts)
    return finding.state if finding else "silent"


def readings_in_example(example: SuggestionExample) -> list[Statement]:
    """An example's readings, each taken so many days before `EXAMPLE_AT`."""
    return [
        Statement(r.fact, r.value, EXAMPLE_AT - dt.timedelta(days=r.days_ago), "record")
        for r in example.readings
    ]


def example_statements(
    given: dict[str, Any], knowledge: Knowledge, file: str, ago: Mapping[str, str] | None = None
) -> Iterable[Statement]:
    """An example's facts as statements made at `EXAMPLE_AT` or so long before; "unknown" raises the question."""
    earlier = ago or {}
    for key in (*given, *earlier):
        if key not in knowledge.facts:
            raise KnowledgeError(file, None, f'an example names an unknown fact "{key}"')
    for key, written in given.items():
        value = None if written == "unknown" else example_value(knowledge.facts[key], written, file)
        at = EXAMPLE_AT - dt.timedelta(seconds=duration_s(earlier[key])) if key in earlier else EXAMPLE_AT
        yield Statement(key, value, at, "record", f"example: {key}")


def example_value(fact: Fact, written: Any, file: str) -> Value:
    """A value as examples write it: yes/no, a number in the fact's unit, a choice, a list of choices, a date."""
    if fact.type == "flag" and written in ("yes", "no"):
        return bool(written == "yes")
    if fact.type == "number" and isinstance(written, int | float) and not isinstance(written, bool):
        return float(written)
    if fact.type == "choice" and written in fact.choices:
        return str(written)
    if fact.type == "set" and isinstance(written, list) and set(written) <= set(fact.choices):
        return tuple(written)
    if fact.type == "date" and isinstance(written, str):
        return written
    raise KnowledgeError(
        file, None, f'an example gives "{fact.key}" the value {written!r}, which it cannot have'
    )


def default_store() -> Path:
    """Where this user's checked packs are kept: XDG cache, or SEREIN_STORE."""
    if own := os.environ.get("SEREIN_STORE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serein"


def _kept(store: Path, texts_hash: str) -> Pack | None:
    return _read(store / f"checked-{texts_hash}.json")


def _read(path: Path) -> Pack | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Pack)
    except (OSError, msgspec.DecodeError):
        return None  # not kept, or half a file: it is made again


def _keep(store: Path, texts_hash: str, knowledge: Knowledge) -> None:
    content = msgspec.json.encode(knowledge.pack)
    for name in (f"checked-{texts_hash}.json", f"pack-{knowledge.hash}.json"):
        _write(store / name, content)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; a folder that cannot be written only costs time."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
