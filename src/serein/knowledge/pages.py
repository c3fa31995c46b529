"""The public pages: TOML in two languages -> checked pages, or `KnowledgeError` naming file, line and what is wrong.

A page does not load if a number in it is typed instead of referred to, if a reference or a link leads nowhere, or if
the languages differ in pages, sections, paragraphs, links or numbers. Their words are no part of the pack's hash.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from serein.errors import KnowledgeError
from serein.knowledge.figures import Figure, figure
from serein.knowledge.load import HERE, line_of, parse_toml, shape
from serein.knowledge.markup import Block, Inline, Line, Link, Number, Words, blocks, line
from serein.knowledge.types import Data, Knowledge

LANGUAGES = ("en", "es")
Group = Literal["anxiety", "ketamine", "safety", "deciding"]
Verdict = Literal["wrong", "half right", "roughly fair", "overstated", "misleading", "not shown"]


class RowFile(Data, frozen=True, kw_only=True):
    """One thing of a picture: how many of 100 people on the treatment, and on what it was compared with."""

    label: str
    with_it: str
    without_it: str = ""


class PictureFile(Data, frozen=True, kw_only=True):
    caption: str
    with_it: str
    """Who the first number is about: "on the spray"."""
    without_it: str = ""
    rows: tuple[RowFile, ...]


class TableFile(Data, frozen=True, kw_only=True):
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first cell of a row is its name."""


class ClaimFile(Data, frozen=True, kw_only=True):
    claim: str
    verdict: Verdict
    truth: str


class SectionFile(Data, frozen=True, kw_only=True):
    key: str
    heading: str
    text: str = ""
    picture: PictureFile | None = None
    table: TableFile | None = None
    claims: tuple[ClaimFile, ...] = ()


class PageFile(Data, frozen=True, kw_only=True):
    key: str
    group: Group
    order: int
    title: str
    summary: str
    sections: tuple[SectionFile, ...]
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class TermFile(Data, frozen=True, kw_only=True):
    term: str
    means: str
    forms: tuple[str, ...] = ()
    """Other forms of the word, lower case: plurals, inflections."""


class AllowedFile(Data, frozen=True, kw_only=True):
    """What may stand on a page with digits of its own, and why."""

    text: str
    why: str


class NumberWords(Data, frozen=True, kw_only=True):
    """Numbers in words, and the words that make a measure of them: "six weeks" is a number, too."""

    numbers: tuple[str, ...]
    measures: tuple[str, ...]


class Allowed(Data, frozen=True, kw_only=True):
    allowed: tuple[AllowedFile, ...]
    words: dict[str, NumberWords]


class Row(msgspec.Struct, frozen=True):
    label: str
    with_it: Figure
    without_it: Figure | None


class Picture(msgspec.Struct, frozen=True):
    caption: str
    with_it: str
    without_it: str
    rows: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True):
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


class Claim(msgspec.Struct, frozen=True):
    claim: str
    verdict: Verdict
    truth: tuple[Block, ...]


class Section(msgspec.Struct, frozen=True):
    key: str
    heading: str
    blocks: tuple[Block, ...]
    picture: Picture | None
    table: Table | None
    claims: tuple[Claim, ...]


class Page(msgspec.Struct, frozen=True):
    key: str
    language: str
    group: Group
    order: int
    title: str
    summary: str
    sections: tuple[Section, ...]
    checked_by: str
    reviewed_on: dt.date

    def lines(self) -> Iterator[Line]:
        """Every line of running text: paragraphs, items, truths, cells."""
        for section in self.sections:
            for block in (*section.blocks, *(b for c in section.claims for b in c.truth)):
                yield from block.lines
            for row in section.table.rows if section.table else ():
                yield from row

    def figures(self) -> Iterator[Figure]:
        """Every number on the page."""
        for text in self.lines():
            yield from (i.figure for i in text if isinstance(i, Number) and i.figure)
        for section in self.sections:
            for row in section.picture.rows if section.picture else ():
                yield row.with_it
                if row.without_it:
                    yield row.without_it

    def links(self) -> Iterator[Link]:
        for text in self.lines():
            yield from (i for i in text if isinstance(i, Link))


class Term(msgspec.Struct, frozen=True):
    key: str
    term: str
    means: tuple[Block, ...]
    forms: tuple[str, ...]


class Library(msgspec.Struct, frozen=True):
    """All pages and terms, by language and key; pages in reading order."""

    pages: Mapping[str, Mapping[str, Page]]
    terms: Mapping[str, Mapping[str, Term]]


def load_pages(knowledge: Knowledge, directory: Path = HERE) -> Library:
    """Every page and term below `directory`/text, checked against `knowledge`. Raises `KnowledgeError`."""
    allowed = _toml(directory, "text/allowed-numbers.toml", Allowed)
    readers = {language: _Reader(directory, language, knowledge, allowed) for language in LANGUAGES}
    terms = {language: reader.terms() for language, reader in readers.items()}
    pages = {language: reader.pages() for language, reader in readers.items()}
    for language, reader in readers.items():
        reader.check_links(pages[language], terms[language])
    first, *others = LANGUAGES
    for other in others:
        _same_terms(terms[first], terms[other], other)
        _same_pages(pages[first], pages[other], other)
    return Library(pages, terms)


def _toml(directory: Path, name: str, type_: type[Any]) -> Any:
    text = (directory / name).read_text(encoding="utf-8")
    return shape(name, parse_toml(name, text), type_, text)


class _Reader:
    """Reads the files of one language; every complaint names the file and the line."""

    def __init__(self, directory: Path, language: str, knowledge: Knowledge, allowed: Allowed) -> None:
        self.directory, self.language, self.knowledge = directory, language, knowledge
        self.folder = f"text/{language}"
        self.file = ""
        words = allowed.words[language]
        numbers, measures = "|".join(words.numbers), "|".join(words.measures)
        self.in_words = re.compile(rf"\b(?:{numbers})\b(?:[ -]\w+)?[ -](?:{measures})\b", re.IGNORECASE)
        spelled = sorted((re.escape(a.text) for a in allowed.allowed), key=len, reverse=True)
        self.allowed = re.compile(rf"(?<![\w.])(?:{'|'.join(spelled)})(?![\w]|\.\d)")

    def fail(self, problem: str, near: str = "") -> KnowledgeError:
        text = (self.directory / self.file).read_text(encoding="utf-8")
        return KnowledgeError(self.file, line_of(text, near), problem)

    def pages(self) -> dict[str, Page]:
        found = {}
        for path in sorted((self.directory / self.folder / "pages").glob("*.toml")):
            self.file = f"{self.folder}/pages/{path.name}"
            page = self.page(_toml(self.directory, self.file, PageFile))
            if page.key != path.stem:
                raise self.fail(f'the key "{page.key}" must be the file\'s name', "key")
            found[page.key] = page
        return dict(sorted(found.items(), key=lambda pair: pair[1].order))

    def page(self, raw: PageFile) -> Page:
        for text in (raw.title, raw.summary):
            self.check_words(text)
        return Page(
            key=raw.key,
            language=self.language,
            group=raw.group,
            order=raw.order,
            title=raw.title,
            summary=raw.summary,
            sections=tuple(self.section(s) for s in raw.sections),
            checked_by=raw.checked_by,
            reviewed_on=raw.reviewed_on,
        )

    def section(self, raw: SectionFile) -> Section:
        self.check_words(raw.heading)
        return Section(
            key=raw.key,
            heading=raw.heading,
            blocks=self.blocks(raw.text),
            picture=self.picture(raw.picture) if raw.picture else None,
            table=self.table(raw.table) if raw.table else None,
            claims=tuple(Claim(c.claim, c.verdict, self.blocks(c.truth)) for c in raw.claims),
        )

    def picture(self, raw: PictureFile) -> Picture:
        for text in (raw.caption, raw.with_it, raw.without_it, *(row.label for row in raw.rows)):
            self.check_words(text)
        rows = tuple(
            Row(r.label, self.of_100(r.with_it), self.of_100(r.without_it) if r.without_it else None)
            for r in raw.rows
        )
        if any((row.without_it is None) == bool(raw.without_it) for row in rows):
            raise self.fail(
                "either every row of a picture has a number to compare with, or none", "without_it"
            )
        return Picture(raw.caption, raw.with_it, raw.without_it, rows)

    def of_100(self, reference: str) -> Figure:
        found = self.figure(reference)
        if not 0 <= found.value <= 100:
            raise self.fail(f"a picture shows so many of 100 people, not {found.shown}", reference)
        return found

    def table(self, raw: TableFile) -> Table:
        for text in (raw.caption, *raw.columns):
            self.check_words(text)
        for row in raw.rows:
            if len(row) != len(raw.columns):
                raise self.fail(
                    f'the row "{row[0]}" has {len(row)} cells for {len(raw.columns)} columns', row[0]
                )
        return Table(raw.caption, raw.columns, tuple(tuple(self.line(c) for c in row) for row in raw.rows))

    def terms(self) -> dict[str, Term]:
        self.file = f"{self.folder}/terms.toml"
        raw = parse_toml(self.file, (self.directory / self.file).read_text(encoding="utf-8"))
        found = {}
        for key, body in raw.items():
            term = shape(self.file, body, TermFile, "")
            forms = (term.term.lower(), *term.forms)
            found[key] = Term(key, term.term, self.blocks(term.means), forms)
        return found

    def blocks(self, text: str) -> tuple[Block, ...]:
        return tuple(
            msgspec.structs.replace(b, lines=tuple(self.resolved(x) for x in b.lines)) for b in blocks(text)
        )

    def line(self, text: str) -> Line:
        return self.resolved(line(text))

    def resolved(self, text: Line) -> Line:
        return tuple(self.inline(i) for i in text)

    def inline(self, part: Inline) -> Inline:
        if isinstance(part, Number):
            return msgspec.structs.replace(part, figure=self.figure(part.reference))
        self.check_words(part.text if isinstance(part, Words) else part.words)
        return part

    def figure(self, reference: str) -> Figure:
        found = figure(reference, self.knowledge)
        if isinstance(found, str):
            raise self.fail(found, reference)
        return found

    def check_words(self, text: str) -> None:
        """No number of its own: neither digits that are not allowed nor "six weeks"."""
        typed = re.search(r"\S*\d\S*", self.allowed.sub("", text)) or self.in_words.search(text)
        if typed:
            raise self.fail(
                f'"{typed[0]}" is typed: refer to its source, as in {{evidence:KEY.RESULT}}', typed[0]
            )

    def check_links(self, pages: Mapping[str, Page], terms: Mapping[str, Term]) -> None:
        for page in pages.values():
            self.file = f"{self.folder}/pages/{page.key}.toml"
            for link in page.links():
                if problem := self.dead(link, pages, terms):
                    raise self.fail(problem, f"{link.to}:{link.key}")

    def dead(self, link: Link, pages: Mapping[str, Page], terms: Mapping[str, Term]) -> str:
        """Why the link leads nowhere, or nothing."""
        where: dict[str, Iterable[str]] = {"page": pages, "term": terms, "source": self.knowledge.evidence}
        if link.to not in where:
            return f'a link goes to a page, a term or a source, not to "{link.to}"'
        if link.key not in where[link.to]:
            return f"the link to {link.to}:{link.key} leads nowhere"
        if link.section and link.section not in {s.key for s in pages[link.key].sections}:
            return f'the page "{link.key}" has no section "{link.section}"'
        return ""


def _same_terms(first: Mapping[str, Term], other: Mapping[str, Term], language: str) -> None:
    if first.keys() != other.keys():
        only = sorted(first.keys() ^ other.keys())
        raise KnowledgeError(f"text/{language}/terms.toml", None, f"terms of one language only: {only}")


def _same_pages(first: Mapping[str, Page], other: Mapping[str, Page], language: str) -> None:
    if first.keys() != other.keys():
        only = sorted(first.keys() ^ other.keys())
        raise KnowledgeError(f"text/{language}/pages", None, f"pages of one language only: {only}")
    for key, page in first.items():
        for what, of in _SAME.items():
            here, there = of(page), of(other[key])
            if here != there:
                raise KnowledgeError(
                    f"text/{language}/pages/{key}.toml", None, f"differs in {what}: {there}, not {here}"
                )


def _shape_of(page: Page) -> list[Any]:
    """What must be alike: for each section its paragraphs and items, its picture, table and verdicts."""
    return [
        (
            s.key,
            [(b.kind, len(b.lines)) for b in s.blocks],
            len(s.picture.rows) if s.picture else None,
            (len(s.table.columns), len(s.table.rows)) if s.table else None,
            [(c.verdict, [(b.kind, len(b.lines)) for b in c.truth]) for c in s.claims],
        )
        for s in page.sections
    ]


_SAME: dict[str, Callable[[Page], Any]] = {
    "group and order": lambda page: (page.group, page.order),
    "structure": _shape_of,
    "numbers": lambda page: sorted(Counter(f.reference for f in page.figures()).items()),
    "links": lambda page: sorted(Counter((x.to, x.key, x.section) for x in page.links()).items()),
}
