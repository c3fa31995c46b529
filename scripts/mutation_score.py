"""What mutmut found, by module, and the share of mutants that the tests noticed. The argument is the bar in percent."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTICED = {1, 3, 24, 36, 152, 255, -24, -9, -11}
"""Exit codes of pytest (failed, broke) and of a mutant that never ended or crashed."""


def main(bar: float) -> int:
    total: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    for meta in sorted((ROOT / "mutants").rglob("*.meta")):
        module = meta.relative_to(ROOT / "mutants" / "src").as_posix().removesuffix(".py.meta")
        for code in json.loads(meta.read_text())["exit_code_by_key"].values():
            total[module] += 1
            killed[module] += code in NOTICED
    for module in total:
        sys.stdout.write(f"{module:<40} {killed[module]:>5} of {total[module]:>5}\n")
    all_, noticed = sum(total.values()), sum(killed.values())
    score = 100 * noticed / all_ if all_ else 0.0
    sys.stdout.write(f"score {score:.1f} % killed ({noticed} of {all_}), bar {bar:g} %\n")
    return 0 if score >= bar else 1


if __name__ == "__main__":
    raise SystemExit(main(float(sys.argv[1])))
