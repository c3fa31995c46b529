"""The words of a message: data, read once and checked."""

from __future__ import annotations

import functools
import string
import tomllib
from pathlib import Path

import msgspec

HERE = Path(__file__).parent / "messages"
FIRST_LANGUAGE = "en"
REGISTERS = ("warm", "formal")
GIVEN = frozenset({"site", "telephone"})
"""Values that every message has; the others are named by its template."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    text: str


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message in two registers, and the values that it needs."""

    needs: tuple[str, ...]
    warm: Words
    formal: Words

    def words(self, register: str) -> Words:
        return self.formal if register == "formal" else self.warm


@functools.cache
def templates(language: str) -> dict[str, Template]:
    """Every template of a language. A placeholder that nothing fills is a bug, found when it is read."""
    raw = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
    found = msgspec.convert(raw, dict[str, Template])
    for key, template in found.items():
        for words in (template.warm, template.formal):
            for text in (words.subject, words.text):
                names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
                assert names <= GIVEN | set(template.needs), f"{language}.toml, {key}: {names}"
    return found


def languages() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.toml"))


def write(template: str, register: str, language: str, values: dict[str, str]) -> Words:
    """The words of one message; in the first language where it is not there in another."""
    chosen = language if language in languages() else FIRST_LANGUAGE
    words = templates(chosen)[template].words(register)
    return Words(words.subject.format(**values), words.text.format(**values))
