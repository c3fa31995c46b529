"""`serein screen` on a bundle of about 1 MB, start-up included, beside a bare Python that parses the same file.

Prints medians and the spread of interleaved runs. Bar: the screen under 0.5 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests import bundles

RUNS = 11


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record.json"
        file.write_bytes(bundles.as_bytes(bundles.long_record(1_000_000)))
        commands = {
            "python -c 'json.load'": [sys.executable, "-c", f"import json; json.load(open({str(file)!r}))"],
            "serein screen": [
                str(Path(sys.executable).parent / "serein"),
                "screen",
                str(file),
                "--at",
                "last",
                "--json",
            ],
        }
        for command in commands.values():
            seconds(command)  # warm: the pack is checked once a machine
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                taken[name].append(seconds(command))
        sys.stdout.write(
            f"bundle {file.stat().st_size / 1e6:.2f} MB, {RUNS} interleaved runs, Python {sys.version.split()[0]}\n"
        )
        for name, runs in taken.items():
            low, high = min(runs), max(runs)
            sys.stdout.write(
                f"{name:<24} median {statistics.median(runs):.3f} s   range {low:.3f} to {high:.3f}\n"
            )
        ratio = statistics.median(taken["serein screen"]) / statistics.median(taken["python -c 'json.load'"])
        sys.stdout.write(f"ratio {ratio:.1f}\n")


if __name__ == "__main__":
    main()
