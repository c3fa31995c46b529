"""The clinical numbers as they were at the last release, and whether every change since is told.

    python scripts/knowledge_lock.py            check: a changed or removed number needs a fragment that names it
    python scripts/knowledge_lock.py --write    take the numbers as they stand (at a release, or to begin)

`numbers.lock` has one number a line, `file path = value`. A number that is new since then needs no fragment; one that
changed or went needs `changes/<anything>.clinical.md` with its path in it, word for word. Exit 0: all told. 1: not.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "src" / "serein" / "knowledge" / "numbers.lock"


def main(arguments: list[str]) -> int:
    from serein.knowledge.load import load
    from serein.knowledge.numbers import lock_text, numbers, read_lock, unexplained

    now = numbers(load().pack.files)
    if arguments == ["--write"]:
        LOCK.write_text(lock_text(now), encoding="utf-8")
        sys.stdout.write(f"{len(now)} numbers in {LOCK.relative_to(ROOT)}\n")
        return 0
    if arguments:
        sys.stderr.write(__doc__ or "")
        return 2
    left = unexplained(read_lock(LOCK.read_text(encoding="utf-8")), now, fragments())
    for line in left:
        sys.stderr.write(f"{line}\n")
    if left:
        sys.stderr.write(
            f"{len(left)} clinical numbers changed untold. Name each path in changes/<what>.clinical.md, with the\n"
            "old and the new value, why, and its source. The format stands in CONTRIBUTING.md.\n"
        )
    return 1 if left else 0


def fragments() -> str:
    """The text of every fragment since the last release."""
    return "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "changes").glob("*.clinical.md")))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
