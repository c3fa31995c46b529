"""Pages for what went wrong, with the crisis lines of the country that the request knows."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.debug import sensitive_post_parameters

SHORTEST_KEPT = 12  # a choice, a number or a date is soon given again; a sentence is not


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """No context processor runs: one of them may be what broke."""
    lines = getattr(request, "crisis_lines", None)
    return HttpResponse(loader.render_to_string("500.html", {"crisis_lines": lines}), status=500)


@never_cache
@sensitive_post_parameters()
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is refused; what was written by hand is shown, so that it can be copied."""
    again = _page_of(request)
    # Only what our own page sent: another site must not put its words on ours.
    page = {"again": again, "written": _written(request) if again else []}
    return HttpResponse(loader.render_to_string("403_csrf.html", page, request), status=403)


def _page_of(request: HttpRequest) -> str:
    """The page that the form stood on, if it is one of ours."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return referer if ours else ""


def _written(request: HttpRequest) -> list[str]:
    """What was typed as text: no password, no token, no id, no choice."""
    texts = (
        value.strip()
        for name, values in request.POST.lists()
        for value in values
        if "password" not in name and name not in {"csrfmiddlewaretoken", "next"}
    )
    return [text for text in texts if len(text) >= SHORTEST_KEPT and not _is_id(text)]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
