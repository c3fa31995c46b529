"""Screens every FHIR bundle of a folder, each on the day after its last entry, and prints one table.

Below it: how many entries were understood, listed or set aside, by kind; how many distinct active codes some fact took;
of the codes that a second reader labelled (`tests/reference/labelled-record-codes.csv`) as mattering, the share that was
understood; and the most frequent active codes that were not.

python scripts/check_bundles.py DIR [option of `serein screen` …]

Exit 0 when every bundle got a decision, 1 when one was refused, 2 when there was none to read.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from serein.cli import main as serein
from serein.fhir import Coded, Imported, read_bundle
from serein.fhir.elements import SYSTEMS
from serein.safety.pack import default_store, usable_pack

LABELS = Path(__file__).parents[1] / "tests" / "reference" / "labelled-record-codes.csv"
BAR_PERCENT = 95
SHOWN = 10

Key = tuple[str, str, str]
"""Kind, system and code."""


def screen(bundle: Path, options: list[str]) -> dict[str, Any] | str:
    """The decision `serein screen` prints for a bundle, or the sentence it refused it with."""
    result = CliRunner().invoke(serein, ["screen", str(bundle), "--at", "last", *options, "--json"])
    if result.exit_code == 0:
        return json.loads(result.stdout)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stderr.strip() or f"exit {result.exit_code}, no reason given"


def row(decision: dict[str, Any]) -> list[str]:
    """The cells of one decision: conclusion, rules that fire, and how much is not known."""
    findings = decision["findings"]
    fired = [f"{f['rule']} ({f['action']})" for f in findings if f["state"] == "fires"]
    unknown = [f for f in findings if f["state"] == "unknown"]
    counts = [len(unknown), len(decision["missing"]), len(decision["not_understood"])]
    return [decision["conclusion"], "\n".join(fired) or "none", *map(str, counts)]


def imported(bundles: Iterable[Path]) -> list[Imported]:
    """What each bundle that is not refused comes to."""
    knowledge = usable_pack(store=default_store())
    read = (read_bundle(bundle.read_bytes(), knowledge) for bundle in bundles)
    return [one for one in read if isinstance(one, Imported)]


def labels() -> dict[Key, bool]:
    """Whether a code matters, as the second reader has it."""
    with LABELS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        (row["kind"], SYSTEMS.get(row["system"], row["system"]), row["code"]): row["matters"] == "yes"
        for row in rows
    }


def account(records: list[Imported]) -> Iterator[str]:
    """The lines below the table."""
    for kind in sorted({c.kind for r in records for c in r.counts}):
        counts = [c for r in records for c in r.counts if c.kind == kind]
        entries, understood = sum(c.entries for c in counts), sum(c.understood for c in counts)
        listed, aside = sum(c.listed for c in counts), sum(c.set_aside for c in counts)
        yield f"{kind:<24}{entries:>6} entries = {understood} understood + {listed} listed + {aside} set aside"
    active = [c for r in records for c in r.codes if c.active]
    taken = {_key(c) for c in active if c.understood}
    every, names, times = {_key(c) for c in active}, {_key(c): c.display for c in active}, Counter[Key]()
    for coded in active:
        times[_key(coded)] += coded.times
    yield f"{len(taken)} of {len(every)} distinct active codes understood"
    yield from _share(every, taken, names)
    left = [key for key, _ in times.most_common() if key not in taken]
    yield f"most frequent active codes that no fact takes, {min(SHOWN, len(left))} of {len(left)}:"
    yield from (f"  {times[key]:>5}  {key[0]}: {names[key]} ({key[1]} {key[2]})" for key in left[:SHOWN])


def _share(every: set[Key], taken: set[Key], names: dict[Key, str]) -> Iterator[str]:
    labelled = labels()
    mattering = {key for key in every if labelled.get(key)}
    unlabelled = len(every - labelled.keys())
    if not mattering:
        yield f"no active code here is labelled as mattering; {unlabelled} have no label"
        return
    found = mattering & taken
    share = 100 * len(found) / len(mattering)
    verdict = "met" if share >= BAR_PERCENT else "NOT MET"
    yield (
        f"labelled as mattering and understood: {len(found)} of {len(mattering)} = {share:.1f} % "
        f"(bar {BAR_PERCENT} %: {verdict}); {unlabelled} active codes have no label"
    )
    yield from (f"  not understood: {key[0]}: {names[key]}" for key in sorted(mattering - taken))
    beyond = {key for key in taken if labelled.get(key) is False}
    yield f"labelled as not mattering, taken nevertheless: {len(beyond)}"
    yield from (f"  taken: {key[0]}: {names[key]}" for key in sorted(beyond))


def _key(coded: Coded) -> Key:
    return (coded.kind.lower(), coded.system, coded.code)


def main(folder: Path, options: list[str]) -> int:
    console = Console(width=None if sys.stdout.isatty() else 140)
    bundles = sorted(folder.glob("*.json"))
    if not bundles:
        console.print(f"{folder}: no *.json to screen")
        return 2
    table = Table(show_lines=True)
    for name in ("file", "conclusion", "rules that fire"):
        table.add_column(name, overflow="fold")
    for name in ("unknown", "facts missing", "not understood"):
        table.add_column(name, justify="right")
    refused = 0
    for bundle in bundles:
        answer = screen(bundle, options)
        if isinstance(answer, str):
            refused += 1
            table.add_row(bundle.name, "refused", answer, "", "", "")
        else:
            table.add_row(bundle.name, *row(answer))
    console.print(table)
    console.print(f"{len(bundles)} bundles, {refused} refused")
    for line in account(imported(bundles)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 1 if refused else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
