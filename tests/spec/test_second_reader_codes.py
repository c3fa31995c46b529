"""The table in second_reader_codes.md, run: each code alone, through the importer's own index."""

from __future__ import annotations

from pathlib import Path

import pytest

from serein.fhir.elements import Coding, Concept
from serein.fhir.index import Index
from serein.knowledge import load

KNOWLEDGE = load()
INDEX = Index(KNOWLEDGE)
BELOW = " and below"


def rows() -> list[tuple[str, ...]]:
    lines = (Path(__file__).parent / "second_reader_codes.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|"))[:5] for line in table]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]} {row[2]} {row[3]}")
def test_a_code_alone_says_what_the_table_says(row: tuple[str, ...]) -> None:
    fact, recorded_as, system, written, means = row
    code = written.removesuffix(BELOW)
    hits = INDEX.find(Concept((Coding(system, code, ""),)), (recorded_as,))
    assert (fact, code, means) in {(h.fact.key, c.code, c.means) for h in hits for c in h.codes}
    if written.endswith(BELOW):
        assert any(f.code == code and f.family for f in KNOWLEDGE.facts[fact].codes)


def test_the_table_has_no_row_twice() -> None:
    keys = [(row[0], *row[2:4]) for row in rows()]
    assert len(keys) == len(set(keys))
