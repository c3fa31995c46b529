"""The consent documents that come with Serein, read from their files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

DOCUMENTS = Path(__file__).parent / "documents"


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    heading: str
    text: str
    evidence: list[str]


class Packaged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one product's document in one language, as its file says it."""

    product: str
    version: int
    language: str
    title: str
    short: list[str]
    sections: list[Section]

    def body(self) -> list[dict[str, Any]]:
        return [{"heading": s.heading, "text": s.text.strip(), "evidence": s.evidence} for s in self.sections]


def packaged_documents() -> list[Packaged]:
    """Every document below `documents`, oldest version first. A misspelt key raises."""
    found = [
        msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Packaged)
        for path in sorted(DOCUMENTS.glob("*.toml"))
    ]
    return sorted(found, key=lambda d: (d.product, d.language, d.version))
