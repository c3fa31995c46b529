"""Every clinical number of a pack, each with a path that stays the same when something else is added.

A clinical number is one that decides or limits something: a threshold, a validity, a plausible range, a band, a
dose, a time. Worked examples, codes, years of publication and numbers in prose are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serein import units
from serein.errors import Refusal

NOT_CLINICAL = frozenset(
    {
        "text",
        "examples",
        "codes",
        "names",
        "excludes",
        "evidence",
        "decimals",
        "identifier",
        "loinc",
        "number",
        "n",
    }
)
FOLDERS_WITHOUT = ("evidence/", "text/", "pages/")
NAMES = ("key", "fact", "name", "number", "phase", "salt", "concentration", "value")
"""What names one entry of a list, the first that it has; else its place does."""


def numbers(files: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """`{"rules/…/obesity.toml when.any.body_mass_index.at_least": "30 kg/m2"}` for parsed files by name."""
    found: dict[str, str] = {}
    for name in sorted(files):
        if not name.startswith(FOLDERS_WITHOUT):
            for path, value in _walk(files[name], ""):
                found[f"{name} {path}"] = value
    return found


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key in sorted(value):
            if key not in NOT_CLINICAL:
                yield from _walk(value[key], f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for name, part in named(value):
            yield from _walk(part, f"{path}.{name}")
    elif is_number(value):
        yield path, str(value)


def named(entries: list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Each entry of a list with a name of its own: what it is called, or its place."""
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries, start=1):
        given = next((str(entry[n]) for n in NAMES if n in entry), "") if isinstance(entry, Mapping) else ""
        name = given or str(place)
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), entry


def is_number(value: Any) -> bool:
    """A bare number, or a quantity such as "140 mmHg"."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    if not isinstance(value, str):
        return False
    number, _, unit = value.partition(" ")
    return units.canonical_unit(unit) is not None and not isinstance(units.number(number, ""), Refusal)


def unexplained(locked: Mapping[str, str], now: Mapping[str, str], fragments: str) -> list[str]:
    """Locked numbers that are not what they were, and that no changelog fragment names by path."""
    return [
        f"{path}: was {was}, is {now.get(path, 'not there')}"
        for path, was in locked.items()
        if now.get(path) != was and path not in fragments
    ]


def lock_text(found: Mapping[str, str]) -> str:
    """The lock file: one number a line."""
    return "".join(f"{path} = {found[path]}\n" for path in sorted(found))


def read_lock(text: str) -> dict[str, str]:
    return dict(line.rsplit(" = ", 1) for line in text.splitlines() if " = " in line)
