"""Screens every FHIR bundle of a folder, each on the day after its last entry, and prints one table.

python scripts/check_bundles.py DIR [option of `serein screen` …]

Exit 0 when every bundle got a decision, 1 when one was refused, 2 when there was none to read.
"""

import json
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from serein.cli import main as serein


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
    return 1 if refused else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
