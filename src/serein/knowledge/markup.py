"""The little markup of the public pages: paragraphs, lists, strong words, links, numbers by reference.

A blank line parts paragraphs; lines that begin with "- " are a list. Inside: `**strong**`, `{evidence:KEY.RESULT}`,
and links `[words](page:KEY)`, `[words](page:KEY#SECTION)`, `[words](term:KEY)`, `[words](source:KEY)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from serein.knowledge.figures import Figure

_TOKEN = re.compile(
    r"\{(?P<reference>[^{}]*)\}"
    r"|\[(?P<words>[^\[\]]*)\]\((?P<to>[a-z]+):(?P<key>[a-z0-9-]+)(?:#(?P<section>[a-z0-9-]+))?\)"
)


class Words(msgspec.Struct, frozen=True):
    text: str
    strong: bool = False


class Number(msgspec.Struct, frozen=True):
    """A reference, and once it is resolved its figure."""

    reference: str
    figure: Figure | None = None
    strong: bool = False


class Link(msgspec.Struct, frozen=True):
    words: str
    to: str
    """ "page", "term" or "source"; anything else is refused by whoever resolves it."""
    key: str
    section: str = ""
    strong: bool = False


Inline = Words | Number | Link
Line = tuple[Inline, ...]


class Block(msgspec.Struct, frozen=True):
    kind: Literal["paragraph", "list"]
    lines: tuple[Line, ...]
    """One of a paragraph, one for each item of a list."""


def line(text: str) -> Line:
    """One piece of running text."""
    parts = " ".join(text.split()).split("**")
    return tuple(i for at, part in enumerate(parts) for i in _inlines(part, strong=at % 2 == 1))


def _inlines(text: str, *, strong: bool) -> Iterator[Inline]:
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            yield Words(text[at : match.start()], strong)
        if match["reference"] is not None:
            yield Number(match["reference"], strong=strong)
        else:
            yield Link(match["words"], match["to"], match["key"], match["section"] or "", strong)
        at = match.end()
    if at < len(text):
        yield Words(text[at:], strong)


def blocks(text: str) -> tuple[Block, ...]:
    """The paragraphs and lists of a section."""
    return tuple(_block(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def _block(part: str) -> Block:
    if part.lstrip().startswith("- "):
        return Block("list", tuple(line(item) for item in re.split(r"(?m)^\s*- ", part) if item.strip()))
    return Block("paragraph", (line(part),))


def plain(text: Line) -> str:
    """The line as it is read aloud: words of links kept, numbers as digits."""
    return "".join(
        i.text
        if isinstance(i, Words)
        else i.words
        if isinstance(i, Link)
        else (i.figure.shown if i.figure else i.reference)
        for i in text
    )
