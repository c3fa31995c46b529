"""Public reading: the contents, a page, its words, the evidence, one source."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from serein.knowledge.pages import Page
from serein.knowledge.types import Evidence
from serein_web import knowledge
from serein_web.library import shown
from serein_web.library.forms import EvidenceForm
from serein_web.library.reading import library, others, reading


def _show(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    context["languages"] = others(request, get_language() or "")
    return render(request, f"library/{template}.html", context, status=status)


@reading
def contents(request: HttpRequest) -> HttpResponse:
    pages = library().pages[get_language()].values()
    groups = [(shown.GROUPS[name], list(of)) for name, of in groupby(pages, key=lambda page: page.group)]
    return _show(request, "contents", {"groups": groups})


@reading
def page(request: HttpRequest, page: str) -> HttpResponse:
    pages = library().pages[get_language()]
    if page not in pages:
        raise Http404
    keys = list(pages)
    at = keys.index(page)
    context = {
        "page": pages[page],
        "before": pages[keys[at - 1]] if at else None,
        "after": pages[keys[at + 1]] if at + 1 < len(keys) else None,
    }
    return _show(request, "page", context)


@reading
def words(request: HttpRequest) -> HttpResponse:
    terms = sorted(library().terms[get_language()].values(), key=lambda term: term.term.lower())
    return _show(request, "words", {"terms": terms})


@reading
def evidence(request: HttpRequest) -> HttpResponse:
    """Every source about anxiety, its neighbours and their treatment; the filter narrows them."""
    form = EvidenceForm(request.GET)
    valid = form.is_valid()
    kind, disorder = (form.cleaned_data.get(name, "") for name in ("kind", "disorder"))
    sources = [
        source
        for source in sorted(knowledge.current().evidence.values(), key=shown.surest_first)
        if (source.kind == kind if kind else source.disorders)
        and (not disorder or disorder in source.disorders)
    ]
    return _show(request, "evidence", {"form": form, "sources": sources}, status=200 if valid else 400)


@reading
def source(request: HttpRequest, key: str) -> HttpResponse:
    found = knowledge.current().evidence.get(key)
    if found is None:
        raise Http404
    return _show(request, "source", {"source": found, "pages": _pages_with(found)})


def _pages_with(source: Evidence) -> list[Page]:
    """Pages of the reader's language that rest on this source."""
    return [
        page
        for page in library().pages[get_language()].values()
        if any(f.source == source.key for f in page.figures())
        or any(link.to == "source" and link.key == source.key for link in page.links())
    ]
