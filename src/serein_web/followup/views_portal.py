"""Questionnaires as the patient answers them: by a link without logging in, or in the portal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from serein.errors import Refusal
from serein.pathway import followup as core
from serein_web import knowledge
from serein_web.followup import actions
from serein_web.followup.forms import Answering
from serein_web.followup.models import QuestionnaireRequest
from serein_web.followup.queries import by_token, own_open
from serein_web.people.access import Actor, by_link, found, own, portal
from serein_web.people.duty import attended
from serein_web.people.middleware import show_crisis_lines_of
from serein_web.people.models import Site

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
    return _filled_in(request, row, by) if request.method == "POST" else _question(request, row)


def _filled_in(request: HttpRequest, row: QuestionnaireRequest, by: Actor) -> HttpResponse:
    pack, open_ = knowledge.current(), row.is_open(timezone.now())
    draft = request.session.get(_draft_of(row))
    answering = Answering(row, pack, (draft or {}) | request.POST.dict())
    given = answering.by_instrument()
    if answering.complete:
        reply = actions.answer(by=by, request=row, answers=given, knowledge=pack)
        if not isinstance(reply, Refusal):
            request.session.pop(_draft_of(row), None)
            # Shown at once and not behind a redirect: help must not wait for one more page to load.
            return _told(request, row, reply)
    heard = actions.hear(by=by, request=row, answers=given, knowledge=pack)
    if answering.complete or not open_:
        return _told(request, row, heard, late=True) if heard else _gone(request)
    if draft is None:  # this browser keeps no cookies: the page itself carries the answers on
        return _shown(request, answering)
    request.session[_draft_of(row)] = answering.answers
    if answering.refused:
        return _shown(request, answering)
    # A page with an address of its own, so that the browser's Back leads to the question before.
    return redirect(f"{request.path}?question={answering.step}")


def _question(request: HttpRequest, row: QuestionnaireRequest) -> HttpResponse:
    if not row.is_open(timezone.now()):
        return _gone(request)
    draft = request.session.setdefault(_draft_of(row), {})
    return _shown(request, Answering(row, knowledge.current(), draft, request.GET.get("question", "")))


def _draft_of(row: QuestionnaireRequest) -> str:
    """Where the session keeps the answers that are not sent yet. They end with the session, or when sent."""
    return f"answers:{row.id}"


def _shown(request: HttpRequest, answering: Answering) -> HttpResponse:
    pack = knowledge.current()
    page = {
        "answering": answering,
        "site": answering.row.site,
        "heard": core.heard(core.safeties(answering.by_instrument(), pack), pack),
    }
    return render(request, "followup/question.html", page, status=400 if answering.refused else 200)


def _told(
    request: HttpRequest, row: QuestionnaireRequest, reply: core.Reply, late: bool = False
) -> HttpResponse:
    there = reply.task is None or attended(row.site, reply.task.role, timezone.now())
    page = {"told": reply.told, "site": row.site, "late": late, "attended": there}
    return render(request, "followup/told.html", page)


def _gone(request: HttpRequest) -> HttpResponse:
    sites = Site.objects.exclude(telephone="").order_by("name")
    return render(request, "followup/gone.html", {"sites": sites}, status=GONE)
