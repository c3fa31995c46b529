"""Running text with its links and numbers, pictures, and words for evidence. `{% load library %}`."""

from __future__ import annotations

import re

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from serein.knowledge.figures import Figure
from serein.knowledge.markup import Inline, Line, Link, Number, Words
from serein.knowledge.pages import Page, Picture, Term
from serein.knowledge.types import Evidence, Result
from serein_web import knowledge
from serein_web.library import shown
from serein_web.library.reading import library

register = template.Library()

INITIALS = {"us", "uk", "eu", "fda", "nhs", "nimh", "asa", "nps", "rems", "ssri", "smpc"}


@register.filter
def line(text: Line) -> SafeString:
    """`{{ line|line }}`: words, links and numbers, each number a link to its source."""
    return format_html_join("", "{}", ((_inline(part),) for part in text))


def _inline(part: Inline) -> SafeString | str:
    if isinstance(part, Words):
        return _strong(part.text) if part.strong else part.text
    if isinstance(part, Number):
        return number(part.figure) if part.figure else part.reference
    return _link(part)


def _strong(text: str) -> SafeString:
    return format_html("<strong>{}</strong>", text)


def _link(part: Link) -> SafeString:
    """The strong words of a link are inside it: it stays one link in a sentence."""
    words = _strong(part.words) if part.strong else part.words
    if part.to == "term":
        return format_html('<a class="term" href="{}#{}">{}</a>', reverse("library:words"), part.key, words)
    if part.to == "source":
        return format_html('<a href="{}">{}</a>', reverse("library:source", args=[part.key]), words)
    url = reverse("library:page", args=[part.key]) + (f"#{part.section}" if part.section else "")
    return format_html('<a href="{}">{}</a>', url, words)


@register.filter
def number(figure: Figure) -> SafeString:
    """A number that opens its source."""
    title = _("Source of this number: %(source)s") % {"source": figure.source}
    url = reverse("library:source", args=[figure.source])
    return format_html('<a class="figure" href="{}" title="{}">{}</a>', url, title, figure.shown)


@register.filter
def picture(of: Picture) -> list[shown.PictureRow]:
    return shown.picture(of)


@register.filter
def dots(people: shown.People, label: str) -> SafeString:
    """100 people as an image; its text equivalent is its label."""
    words = _("%(count)s of 100 people %(where)s: %(label)s") % {
        "count": people.figure.shown,
        "where": people.where,
        "label": label,
    }
    return format_html(
        '<svg class="people" viewBox="0 0 100 100" role="img" aria-label="{}">'
        '<path class="off" d="{}"/><path class="on" d="{}"/></svg>',
        words,
        people.off,
        people.on,
    )


@register.filter
def kind_words(kind: str) -> str:
    return str(shown.KINDS[kind])


@register.filter
def disorder_words(disorders: tuple[str, ...]) -> str:
    return ", ".join(str(shown.DISORDERS[d]) for d in disorders)


@register.filter
def grade_words(level: str) -> str:
    return str(shown.GRADES[level])


@register.filter
def graded_words(how: str) -> str:
    return str(shown.GRADED[how])


@register.filter
def checked_words(checked: str) -> str:
    return str(shown.CHECKED[checked])


@register.filter
def verdict_words(verdict: str) -> str:
    return str(shown.VERDICTS[verdict])


@register.filter
def value(result: Result) -> str:
    return shown.value(result)


@register.filter
def versus(result: Result) -> str:
    return shown.versus(result)


@register.filter
def first(results: dict[str, Result]) -> Result | None:
    """The most important result of a source."""
    return next(iter(results.values()), None)


@register.filter
def short(source: Evidence) -> str:
    """A source as people name it: its own short name; else first author and year; else its key as words."""
    if source.short:
        return source.short
    author = re.match(r"([^\W\d_][\w'’-]+(?: [A-Z][a-z]\w+)?) [A-ZÁÉÍÓÚ]{1,3}\b[,.]", source.citation)
    year = re.search(r"\b(?:19|20)\d\d\b", source.citation)
    if author and year:
        return f"{author[1]} {year[0]}"
    words = [word.upper() if word in INITIALS else word for word in source.key.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


@register.simple_tag
def terms_of(page: Page) -> list[Term]:
    """The terms that a page links to, in the order of their first link."""
    keys = dict.fromkeys(link.key for link in page.links() if link.to == "term")
    terms = library().terms[page.language]
    return [terms[key] for key in keys]


@register.simple_tag
def sources_of(page: Page) -> list[Evidence]:
    """What a page rests on: behind its numbers and its links, in the order in which they come."""
    numbers = [figure.source for figure in page.figures()]
    links = [link.key for link in page.links() if link.to == "source"]
    evidence = knowledge.current().evidence
    return [evidence[key] for key in dict.fromkeys([*numbers, *links])]
