"""A record of about 700 kB to a decision in a warm process, beside a bare JSON parse of the same bytes in the same run.

Also: prepared statements to a full `Decision` with all screening rules, on one core. Prints medians and the spread of
interleaved runs. Bars: file to decision under 150 ms; at least 1 000 decisions a second, 5 000 wished for.

python bench/records.py [BUNDLE.json]
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from serein.fhir import Imported, read_bundle
from serein.knowledge.types import Knowledge
from serein.safety import Decision, Question, evaluate
from serein.safety.pack import usable_pack
from tests import bundles

RUNS = 41
SIZE_BYTES = 700_000
BAR_MS, BAR_PER_S = 150.0, 1_000.0


def decided(data: bytes, knowledge: Knowledge) -> Decision:
    """What `serein screen --at last` does once it is warm."""
    imported = read_bundle(data, knowledge)
    assert isinstance(imported, Imported), imported
    return judged(imported, knowledge)


def judged(imported: Imported, knowledge: Knowledge) -> Decision:
    assert imported.last_entry is not None
    at = imported.last_entry + dt.timedelta(days=1)
    question = Question(stage="screening", product="ketamine", route="intravenous", at=at)
    return evaluate(question, imported.statements, knowledge, not_understood=imported.not_understood)


def milliseconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main(file: Path | None) -> None:
    data = file.read_bytes() if file else bundles.as_bytes(bundles.long_record(SIZE_BYTES))
    knowledge = usable_pack()
    imported = read_bundle(data, knowledge)
    assert isinstance(imported, Imported), imported
    work: dict[str, Callable[[], Any]] = {
        "json.loads": lambda: json.loads(data),
        "file to record": lambda: read_bundle(data, knowledge),
        "file to decision": lambda: decided(data, knowledge),
        "statements to decision": lambda: judged(imported, knowledge),
    }
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(RUNS):
        for name, one in work.items():
            taken[name].append(milliseconds(one))
    say = sys.stdout.write
    say(f"bundle {len(data) / 1e6:.2f} MB, {sum(c.entries for c in imported.counts)} entries, ")
    say(f"{len(imported.statements)} statements, {len(knowledge.rules)} rules; ")
    say(f"{RUNS} interleaved runs, Python {sys.version.split()[0]}\n")
    for name, runs in taken.items():
        low, high = min(runs), max(runs)
        say(f"{name:<24} median {statistics.median(runs):8.2f} ms   range {low:.2f} to {high:.2f}\n")
    whole, alone = (statistics.median(taken[n]) for n in ("file to decision", "statements to decision"))
    say(f"ratio to json.loads {whole / statistics.median(taken['json.loads']):.1f}\n")
    say(f"file to decision {whole:.1f} ms (bar {BAR_MS:g} ms: {'met' if whole < BAR_MS else 'NOT MET'})\n")
    per_s = 1000 / alone
    say(f"decisions {per_s:.0f}/s (bar {BAR_PER_S:g}/s: {'met' if per_s >= BAR_PER_S else 'NOT MET'})\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
