"""What differs between two packs, in words that a clinician reads. Works on parsed files: any folder, any shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from serein.knowledge.numbers import named
from serein.knowledge.types import Fact, Knowledge
from serein.knowledge.words import SAID, asked, phrase, quantity

Entries = dict[str, dict[str, Any]]
OPERATORS = (*SAID, "within")


@dataclass(frozen=True, slots=True)
class Change:
    """One file (of a file of facts: one fact) that came, went or changed. `lines` says how, one sentence each."""

    file: str
    key: str
    title: str
    how: Literal["new", "gone", "changed"]
    lines: tuple[str, ...] = ()
    clinical: bool = True
    """False where only words, names or review dates changed: nothing that decides."""


def changes(old: Knowledge, new: Knowledge) -> tuple[Change, ...]:
    """Every difference from `old` to `new`, in the order of the files."""
    facts = {**old.facts, **new.facts}
    before, after = entries(old), entries(new)
    found = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            found.append(_change(name, before.get(name), after.get(name), facts))
    return tuple(found)


def entries(knowledge: Knowledge) -> Entries:
    """Every entry of a pack by "file" or, in a file of facts, "file: fact"."""
    found: Entries = {}
    for name, raw in knowledge.pack.files.items():
        if name.startswith("facts/"):
            found |= {f"{name}: {key}": body for key, body in raw.items()}
        else:
            found[name] = raw
    return found


def _change(
    name: str, was: dict[str, Any] | None, is_: dict[str, Any] | None, facts: Mapping[str, Fact]
) -> Change:
    file, _, fact = name.partition(": ")
    body = is_ or was or {}
    key = fact or str(body.get("key", file))
    text = body.get("text", {})
    title = str(text.get("title") or text.get("ask") or body.get("citation") or key)
    if was is None or is_ is None:
        lines = [f"when: {phrase(body['when'], facts)}"] if "when" in body else []
        return Change(file, key, title, "new" if was is None else "gone", tuple(lines))
    lines = [line for part in sorted(was.keys() | is_.keys()) for line in _part(part, was, is_, facts)]
    decides = {k for k in was.keys() | is_.keys() if was.get(k) != is_.get(k)} - NOT_DECIDING
    return Change(file, key, title, "changed", tuple(lines), clinical=bool(decides))


NOT_DECIDING = {"text", "written_by", "checked_by", "reviewed_on", "review_due", "examples"}


def _part(part: str, was: dict[str, Any], is_: dict[str, Any], facts: Mapping[str, Fact]) -> Iterator[str]:
    old, new = was.get(part), is_.get(part)
    if old == new:
        return
    if part == "when" and isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _condition(old, new, facts)
    elif part == "examples":
        yield from _examples(old or [], new or [])
    else:
        yield from _tree(part.replace("_", " "), old, new)


def _condition(old: Mapping[str, Any], new: Mapping[str, Any], facts: Mapping[str, Fact]) -> Iterator[str]:
    """Leaf by leaf where the shape is the same; else the whole condition as it was and as it is."""
    pairs = _leaves(old, new)
    if pairs is None:
        yield f"condition from: {phrase(old, facts)}; to: {phrase(new, facts)}"
        return
    for before, after in pairs:
        if before != after:
            yield from _comparison(before, after, facts)


def _leaves(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]] | None:
    """The comparisons of two conditions side by side, or None where they are not built alike."""
    if "fact" in old and "fact" in new:
        return [(old, new)] if old["fact"] == new["fact"] else None
    joins = [word for word in ("all", "any", "none") if word in old and word in new]
    if not joins or len(old[joins[0]]) != len(new[joins[0]]):
        return None
    found: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for before, after in zip(old[joins[0]], new[joins[0]], strict=True):
        pairs = _leaves(before, after)
        if pairs is None:
            return None
        found += pairs
    return found


def _comparison(old: Mapping[str, Any], new: Mapping[str, Any], facts: Mapping[str, Fact]) -> Iterator[str]:
    name = asked(old["fact"], facts)
    before, after = (next(o for o in OPERATORS if o in c) for c in (old, new))
    if before != after:
        yield f"comparison of {name} from “{_said(old, before)}” to “{_said(new, after)}”"
    elif old[before] != new[before]:
        yield f"threshold of {name} {_from_to(old[before], new[before])}"
    if old.get("taken_within") != new.get("taken_within"):
        was, is_ = (quantity(c["taken_within"]) if "taken_within" in c else "any age" for c in (old, new))
        yield f"age at which {name} still counts from {was} to {is_}"


def _said(raw: Mapping[str, Any], operator: str) -> str:
    if operator == "within":
        return "is {} to {}".format(*map(quantity, raw["within"]))
    return SAID[operator].format(quantity(raw[operator]))


def _from_to(old: Any, new: Any) -> str:
    """ "from 140 to 150 mmHg": the unit once where it is the same."""
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return f"from {' to '.join(map(quantity, old))} to {' to '.join(map(quantity, new))}"
    was, is_ = quantity(old), quantity(new)
    unit = was.partition(" ")[2]
    if unit and unit == is_.partition(" ")[2]:
        was = was.partition(" ")[0]
    return f"from {was} to {is_}"


def _examples(old: list[Any], new: list[Any]) -> Iterator[str]:
    before, after = ({e["note"]: e for e in examples if "note" in e} for examples in (old, new))
    yield from (f"example “{note}” is new" for note in after if note not in before)
    yield from (f"example “{note}” is gone" for note in before if note not in after)
    yield from (
        f"example “{note}” is otherwise" for note in after if note in before and before[note] != after[note]
    )


def _tree(path: str, old: Any, new: Any) -> Iterator[str]:
    """What differs below a part of a file, down to single values."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _tree(f"{path}, {key.replace('_', ' ')}", old.get(key), new.get(key))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        yield from _list(path, old, new)
    elif old is None:
        yield f"{path}: now {_short(new)}"
    elif new is None:
        yield f"{path}: no longer {_short(old)}"
    else:
        yield f"{path} {_from_to(_short(old), _short(new))}"


def _list(path: str, old: list[Any] | tuple[Any, ...], new: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    if all(not isinstance(v, Mapping | list | tuple) for v in (*old, *new)):
        if sorted(map(str, old)) == sorted(map(str, new)):
            yield f"{path}: the order"
        if len(old) == len(new) == 2 and all(isinstance(v, int | float) for v in (*old, *new)):
            yield f"{path} {_from_to(old, new)}"
            return
        yield from (f"{path}: now with {_short(v)}" for v in new if v not in old)
        yield from (f"{path}: no longer with {_short(v)}" for v in old if v not in new)
        return
    before, after = dict(_entries(old)), dict(_entries(new))
    for name in [*before, *(n for n in after if n not in before)]:
        if name not in after:
            yield f"{path}: “{name}” is gone"
        elif name not in before:
            yield f"{path}: “{name}” is new"
        else:
            yield from _tree(f"{path} “{name}”", before[name], after[name])


def _entries(found: list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Codes go by code and display; everything else as in `numbers`."""
    for name, entry in named(found):
        if isinstance(entry, Mapping) and "code" in entry:
            yield f"{entry['system']} {entry['code']}{f' {d}' if (d := entry.get('display')) else ''}", entry
        else:
            yield name, entry


def _short(value: Any) -> str:
    text = quantity(value) if not isinstance(value, Mapping | list | tuple) else str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
