"""The pages in use at this site, loaded and checked once a process, and the language that somebody reads them in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation

from serein.knowledge.pages import LANGUAGES, Library, load_pages
from serein_web import knowledge
from serein_web.people.access import public

View = Callable[..., HttpResponse]
NAMES = {"en": "English", "es": "Español"}
A_YEAR_S = 365 * 24 * 3600


@functools.cache
def library() -> Library:
    return load_pages(knowledge.current())


def language_of(request: HttpRequest) -> str:
    """What was chosen on this device; else the language of the site where pages are in it; else English."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return next((x for x in (chosen, translation.get_language() or "") if x in LANGUAGES), LANGUAGES[0])


def reading(view: View) -> View:
    """A page for anybody, in the reader's language. `?language=es` chooses one, remembers it, and stays on the page."""

    @functools.wraps(view)
    def in_language(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "language" in request.GET:
            return _chosen(request)
        with translation.override(language_of(request)):
            return view(request, *args, **kwargs)

    return public(in_language)


def _chosen(request: HttpRequest) -> HttpResponse:
    query = request.GET.copy()
    asked = query.pop("language")[-1]
    back = HttpResponseRedirect(request.path + (f"?{query.urlencode()}" if query else ""))
    if asked in LANGUAGES:
        back.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked,
            max_age=A_YEAR_S,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return back


def others(request: HttpRequest, language: str) -> list[dict[str, str]]:
    """The same page in the other languages: code, name, url."""
    found = []
    for code in LANGUAGES:
        if code != language:
            query = request.GET.copy()
            query["language"] = code
            found.append({"code": code, "name": NAMES[code], "url": f"{request.path}?{query.urlencode()}"})
    return found
