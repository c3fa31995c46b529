"""Questionnaires as the patient answers them: by a link without logging in, or in the portal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.followup import actions
from serein_web.followup.forms import Answering
from serein_web.followup.models import QuestionnaireRequest
from serein_web.followup.queries import by_token, own_open
from serein_web.people.access import Actor, by_link, found, own, portal
from serein_web.people.middleware import show_crisis_lines_of

GONE = 410


@by_link
@never_cache
@csrf_exempt  # the token in the address is what allows it, and another site does not have it
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link answers as the patient. A link that is used, lapsed or unknown says the same."""
    row = by_token(token)
    if row is None:
        response = _gone(request)
    else:
        response = _answer(request, row, Actor(id=str(row.patient_id), name=row.patient.name))
    # Django would log the address of a refusal, and with it the token.
    response._has_been_logged = True
    return response


@portal
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "followup/mine.html", {"requests": own_open(request.actor, timezone.now())})


@portal
@never_cache
def answer(request: HttpRequest, request_id) -> HttpResponse:
    rows = own(QuestionnaireRequest.objects.select_related("patient", "site", "course"), request.actor)
    return _answer(request, found(rows, id=request_id), request.actor)


def _answer(request: HttpRequest, row: QuestionnaireRequest, by: Actor) -> HttpResponse:
    show_crisis_lines_of(request, row.site)
    if not row.is_open(timezone.now()) and request.method != "POST":
        return _gone(request)
    answering = Answering(row, knowledge.current(), request.POST if request.method == "POST" else {})
    if answering.complete:
        reply = actions.answer(
            by=by, request=row, answers=answering.by_instrument(), knowledge=knowledge.current()
        )
        if isinstance(reply, Refusal):
            return _gone(request)
        # Shown at once and not behind a redirect: help must not wait for one more page to load.
        return render(request, "followup/told.html", {"told": reply.told, "site": row.site})
    if not row.is_open(timezone.now()):
        return _gone(request)
    return render(
        request,
        "followup/question.html",
        {"answering": answering, "site": row.site},
        status=400 if answering.refused else 200,
    )


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "followup/gone.html", status=GONE)
