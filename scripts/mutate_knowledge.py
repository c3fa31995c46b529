"""Break the knowledge on purpose, one place at a time, and see who notices.

Every number goes one step up and one down, every operator and join is swapped, every yes becomes a no, every choice
another, every code is dropped. A mutant is killed by the pack itself (it does not load, or a rule or an instrument
disagrees with its own examples), or by `tests/spec`, the tables of a second author, or by both. All in this process:
the tables are called as functions with the mutated knowledge, no pytest a mutant.

    python scripts/mutate_knowledge.py [PATTERN…]      PATTERN: part of a file's path

Exit 0: the bars hold (every mutant killed, half of them by tests/spec). 1: they do not. The score is the last line.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "serein_web.settings.test")

import msgspec

from serein.errors import KnowledgeError
from serein.fhir.index import Index
from serein.instruments.examples import disagreements
from serein.knowledge.load import _Reader, build, load
from serein.knowledge.numbers import FOLDERS_WITHOUT, NOT_CLINICAL, is_number
from serein.knowledge.types import Knowledge, Pack
from serein.safety.pack import _check_model, state_in_example

SWAPS = {
    "at_least": ("above", "below"),
    "above": ("at_least", "at_most"),
    "at_most": ("below", "above"),
    "below": ("at_most", "at_least"),
    "all": ("any",),
    "any": ("all",),
    "none": ("any",),
}
OTHER = {"yes": "no", "no": "yes"}
Path_ = tuple[Any, ...]


@dataclass
class Mutant:
    """One change: the file, where in it, and what stands there instead (None: nothing)."""

    file: str
    path: Path_
    what: str
    change: Callable[[Any], None] = field(repr=False)


# ── mutants ──


def mutants(knowledge: Knowledge) -> Iterator[Mutant]:
    for name, raw in sorted(knowledge.pack.files.items()):
        if name.startswith(FOLDERS_WITHOUT):
            continue
        yield from _numbers(name, raw, ())
        if name.startswith("rules/"):
            yield from _condition(name, raw["when"], ("when",), knowledge)
        if name.startswith("facts/"):
            for fact, body in raw.items():
                for place, code in enumerate(body.get("codes", ())):
                    where = (fact, "codes", place)
                    yield Mutant(name, where, f"drop {code['system']} {code['code']}", _dropper(where))


def _numbers(name: str, raw: Any, path: Path_) -> Iterator[Mutant]:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if key not in NOT_CLINICAL:
                yield from _numbers(name, value, (*path, key))
    elif isinstance(raw, list | tuple):
        for place, value in enumerate(raw):
            yield from _numbers(name, value, (*path, place))
    elif is_number(raw):
        for step in (1, -1):
            stepped = _stepped(raw, step)
            yield Mutant(name, path, f"{raw} -> {stepped}", _setter(path, stepped))


def _stepped(value: Any, direction: int) -> Any:
    """One step of the last place that is written: 140 -> 141, 0.5 -> 0.6, "30 min" -> "31 min"."""
    number, _, unit = str(value).partition(" ")
    exact = Decimal(number)
    step = Decimal(1).scaleb(min(int(exact.as_tuple().exponent), 0))
    moved = exact + direction * step
    if isinstance(value, str):
        return f"{moved} {unit}"
    return float(moved) if isinstance(value, float) else int(moved)


def _condition(name: str, when: Mapping[str, Any], path: Path_, knowledge: Knowledge) -> Iterator[Mutant]:
    for word in (w for w in SWAPS if w in when):
        if word in ("all", "any") and len(when[word]) == 1:
            continue  # of one thing, all and any are the same
        for other in SWAPS[word]:
            yield Mutant(name, (*path, word), f"{word} -> {other}", _renamer((*path, word), other))
    for word in ("all", "any", "none"):
        for place, part in enumerate(when.get(word, ())):
            yield from _condition(name, part, (*path, word, place), knowledge)
    for word in ("is", "includes"):
        if isinstance(when.get(word), str) and not is_number(when[word]):
            for other in _others(when["fact"], when[word], knowledge):
                yield Mutant(name, (*path, word), f"{when[word]} -> {other}", _setter((*path, word), other))


def _others(fact: str, written: str, knowledge: Knowledge) -> list[str]:
    if written in OTHER:
        return [OTHER[written]]
    return [c for c in knowledge.facts[fact].choices if c != written]


def _at(raw: Any, path: Path_) -> Any:
    for step in path:
        raw = raw[step]
    return raw


def _setter(path: Path_, value: Any) -> Callable[[Any], None]:
    def change(raw: Any) -> None:
        _at(raw, path[:-1])[path[-1]] = value

    return change


def _renamer(path: Path_, other: str) -> Callable[[Any], None]:
    def change(raw: Any) -> None:
        holder = _at(raw, path[:-1])
        holder[other] = holder.pop(path[-1])

    return change


def _dropper(path: Path_) -> Callable[[Any], None]:
    def change(raw: Any) -> None:
        del _at(raw, path[:-1])[path[-1]]

    return change


# ── who notices ──


def own(made: Knowledge, mutant: Mutant) -> bool:
    """Whether the pack's own check, on what this mutant can touch, refuses it."""
    folder, _, rest = mutant.file.partition("/")
    if folder == "instruments":
        return bool(disagreements(made.instruments[Path(rest).stem]))
    if folder == "models":
        raw = made.models[Path(rest).stem]
        if raw.get("kind") == "three-compartment":
            _check_model(Path(rest).stem, raw)
        return False
    if folder not in {"rules", "facts"}:
        return False
    if "codes" in mutant.path:
        return False  # examples state facts; no code goes through them
    rules = made.rules.values()
    if folder == "rules":
        touched = [r for r in rules if r.file == mutant.file]
    else:
        fact = str(mutant.path[0])
        reading = {fact, *(f.key for f in made.facts.values() if f.derived and fact in f.derived.of)}
        touched = [r for r in rules if _read(r.when) & reading]
    return any(state_in_example(r, e, made) != e.state for r in touched for e in r.examples)


class Specs:
    """The tables of `tests/spec` as functions of the knowledge, those that speak of a mutant first."""

    def __init__(self) -> None:
        self.modules = [_imported(path) for path in sorted((ROOT / "tests" / "spec").glob("test_*.py"))]
        self.rows = [row for module in self.modules for row in _rows(module)]

    def measured(self, knowledge: Knowledge) -> list[str]:
        """The rows that fail on the pack as it is: none. The quick rows go first from now on."""
        broken = []
        for row in self.rows:
            start = time.process_time()
            if not row.passes(knowledge):
                broken.append(row.text)
            row.seconds = time.process_time() - start
        self.rows.sort(key=lambda row: row.seconds)
        return broken

    def notice(self, made: Knowledge, mutant: Mutant) -> bool:
        for module in self.modules:
            _lend(module, made)
        words = {Path(mutant.file).stem, str(mutant.path[0]), *_facts_in(made, mutant)}
        ordered = sorted(self.rows, key=lambda row: not any(w in row.text for w in words))
        return any(not row.passes(made) for row in ordered)


@dataclass
class Row:
    function: Callable[..., None]
    given: dict[str, Any]
    wants_knowledge: bool
    text: str
    seconds: float = 0.0

    def passes(self, made: Knowledge) -> bool:
        more = {"knowledge": made} if self.wants_knowledge else {}
        try:
            self.function(**self.given, **more)
        except Exception:  # a test that fails in whatever way has noticed the mutant
            return False
        return True


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tests.spec.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _rows(module: ModuleType) -> Iterator[Row]:
    for name, function in vars(module).items():
        if not name.startswith("test_") or not inspect.isfunction(function):
            continue
        marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
        tables = [_table(*mark.args[:2]) for mark in marks]
        for rows in product(*tables):
            given = {k: v for row in rows for k, v in row.items()}
            left = set(inspect.signature(function).parameters) - given.keys()
            if left <= {"knowledge"}:
                yield Row(function, given, "knowledge" in left, f"{module.__name__} {name} {given!r}")


def _table(names: Any, values: Any) -> list[dict[str, Any]]:
    keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    rows = [getattr(v, "values", v) if not isinstance(v, Mapping) else v for v in values]
    return [dict(zip(keys, (row,) if len(keys) == 1 else row, strict=True)) for row in rows]


def _lend(module: ModuleType, made: Knowledge) -> None:
    """Where a table's module holds the knowledge, or what was made of it, it gets the mutated one."""
    for name, value in list(vars(module).items()):
        if isinstance(value, Knowledge):
            setattr(module, name, made)
        elif isinstance(value, Index) and value.facts is not made.facts:
            setattr(module, name, Index(made))
        elif name == "load":
            module.load = lambda *_: made  # type: ignore[attr-defined]
        elif name == "instrument" and callable(value):
            module.instrument = lambda key: made.instruments[key]  # type: ignore[attr-defined]


def _facts_in(made: Knowledge, mutant: Mutant) -> set[str]:
    rule = next((r for r in made.rules.values() if r.file == mutant.file), None)
    return _read(rule.when) if rule else set()


def _read(when: Mapping[str, Any]) -> set[str]:
    if "fact" in when:
        return {when["fact"]}
    return {k for word in ("all", "any", "none") for part in when.get(word, ()) for k in _read(part)}


# ── the run ──


def main(patterns: list[str]) -> int:
    knowledge, specs = load(), Specs()
    broken = specs.measured(knowledge)
    if broken:
        say(f"{len(broken)} rows of tests/spec fail before anything is broken: {broken[0][:200]}")
        return 1
    found = [m for m in mutants(knowledge) if not patterns or any(p in m.file for p in patterns)]
    say(f"{len(found)} mutants, {len(specs.rows)} rows of tests/spec")
    tally = {"load": 0, "own": 0, "spec": 0, "both": 0}
    survivors = []
    for mutant in found:
        how = killed_by(mutant, knowledge, specs)
        if how is None:
            survivors.append(mutant)
            say(f"SURVIVED  {mutant.file} {'.'.join(map(str, mutant.path))}: {mutant.what}")
        else:
            tally[how] += 1
    return report(found, survivors, tally)


def killed_by(mutant: Mutant, knowledge: Knowledge, specs: Specs) -> str | None:
    raw = copy.deepcopy(knowledge.pack.files[mutant.file])
    mutant.change(raw)
    try:
        made = built(knowledge, mutant.file, raw)
        by_own = own(made, mutant)
    except (KnowledgeError, ValueError, AssertionError):
        return "load"
    by_spec = specs.notice(made, mutant)
    return {(True, True): "both", (True, False): "own", (False, True): "spec"}.get((by_own, by_spec))


def built(knowledge: Knowledge, file: str, raw: dict[str, Any]) -> Knowledge:
    """The pack with one file changed. A rule that stands alone is read alone; anything else loads all of it."""
    if file.startswith("rules/") and not raw.get("band_of"):
        alone = _Reader({file: raw}, {}).rules(knowledge.facts)
        return msgspec.structs.replace(knowledge, rules={**knowledge.rules, **alone})
    return build(Pack({**knowledge.pack.files, file: raw}))


def report(found: list[Mutant], survivors: list[Mutant], tally: dict[str, int]) -> int:
    killed = len(found) - len(survivors)
    by_spec = tally["spec"] + tally["both"]
    folders: dict[str, list[int]] = {}
    for mutant in found:
        counts = folders.setdefault(mutant.file.split("/")[0], [0, 0])
        counts[0] += 1
        counts[1] += mutant in survivors
    for folder, (all_, left) in sorted(folders.items()):
        say(f"{folder:<12} {all_:>5} mutants, {left:>4} survive")
    say(
        f"killed by loading {tally['load']}, by the author's examples alone {tally['own']}, "
        f"by tests/spec alone {tally['spec']}, by both {tally['both']}"
    )
    share = 100 * killed / len(found) if found else 100.0
    second = 100 * by_spec / killed if killed else 0.0
    say(f"score {share:.1f} % killed ({killed} of {len(found)}), {second:.1f} % of them by tests/spec")
    return 0 if not survivors and second >= 50 else 1


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
