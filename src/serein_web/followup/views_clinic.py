"""Follow-up as staff see it: questionnaires, scores, what waits, and the way on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein.knowledge import Knowledge
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for
from serein_web.followup import actions
from serein_web.followup.forms import AdverseEventForm, ScoreForm, SendForm
from serein_web.followup.models import QuestionnaireRequest, new_request_id
from serein_web.followup.queries import due, open_tasks, requests
from serein_web.people.access import clinic, found, visible
from serein_web.record import queries as record
from serein_web.ui.refusals import say


@clinic("followup.read")
def show(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "followup.read", course_id)
    now = timezone.now()
    due_now = [key for key, at in due(course, knowledge.current()) if at <= now]
    return render(request, "followup/show.html", _page(course, _send_form(due_now=due_now)))


def _send_form(data=None, due_now: list[str] | None = None) -> SendForm:
    initial: dict[str, Any] = {"id": new_request_id()} | ({"instruments": due_now} if due_now else {})
    return SendForm(data, knowledge=knowledge.current(), initial=initial)


def _page(course: Course, form: SendForm) -> dict[str, Any]:
    now, pack = timezone.now(), knowledge.current()
    scores = record.scores(course.id)
    return {
        "course": course,
        "patient": course.patient,
        "form": form,
        "requests": [(row, _titles(row, pack), row.is_open(now)) for row in requests(course)],
        "scores": [_shown(row, pack) for row in reversed(scores)],
        "tasks": open_tasks(course),
        "due": [(pack.instruments[key].text.title, at) for key, at in due(course, pack)],
        "now": now,
    }


def _titles(row: QuestionnaireRequest, pack: Knowledge) -> list[str]:
    """The questionnaires of a request by their names."""
    return [pack.instruments[key].text.title if key in pack.instruments else key for key in row.instruments]


def _shown(score, pack) -> dict[str, Any]:
    instrument = pack.instruments.get(score.instrument)
    bands = {b.name: b.text for b in instrument.bands} if instrument else {}
    return {
        "score": score,
        "title": instrument.text.title if instrument else score.instrument,
        "band": bands.get(score.band, score.band),
        "missing": [n for n, value in enumerate(score.answers, 1) if value is None],
        "parts": [(p.text, score.parts[p.key]) for p in instrument.parts if p.key in score.parts]
        if instrument
        else [],
        "ratings": list(zip([i.name for i in instrument.items], score.answers, strict=False))
        if instrument and instrument.scoring == "ratings"
        else [],
    }


@clinic("followup.write")
@require_POST
@never_cache
def send(request: HttpRequest, course_id) -> HttpResponse:
    """The link is shown in the answer to this post and nowhere else, so there is no page to redirect to."""
    course = course_for(request.actor, "followup.write", course_id)
    form = _send_form(request.POST)
    if form.is_valid():
        sent = actions.request_questionnaires(
            by=request.actor, course=course, knowledge=knowledge.current(), **form.cleaned_data
        )
        if not isinstance(sent, Refusal):
            link = request.build_absolute_uri(reverse("followup:link", args=[sent.token]))
            page = {"course": course, "patient": course.patient, "link": link, "row": sent.request}
            return render(request, "followup/sent.html", page)
        form.refuse(sent)
    return render(request, "followup/show.html", _page(course, form), status=400)


@clinic("followup.write")
@require_POST
def cancel(request: HttpRequest, course_id, request_id) -> HttpResponse:
    course = course_for(request.actor, "followup.write", course_id)
    rows = visible(QuestionnaireRequest, request.actor, "followup.write").filter(course=course)
    _tell(request, actions.cancel_request(by=request.actor, request=found(rows, id=request_id)))
    return redirect("followup:show", course.id)


@clinic("followup.write")
@require_POST
def go_on(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "followup.write", course_id)
    moved = actions.go_on(by=request.actor, course=course, name=request.POST.get("name", ""))
    if isinstance(moved, Refusal):
        _tell(request, moved)
        return redirect("followup:show", course.id)
    return redirect("chart:course", course.id)


@clinic("followup.write")
def scores(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "followup.write", course_id)
    entered = [i for i in knowledge.current().instruments.values() if i.score_only]
    page = {
        "course": course,
        "patient": course.patient,
        "instruments": sorted(entered, key=lambda i: i.text.title),
    }
    return render(request, "followup/scores.html", page)


@clinic("followup.write")
def score(request: HttpRequest, course_id, instrument: str) -> HttpResponse:
    course, pack = course_for(request.actor, "followup.write", course_id), knowledge.current()
    known = pack.instruments.get(instrument)
    if known is None or not known.score_only:
        raise Http404
    took = course.patient.name if known.rater == "self" else request.actor.name
    initial = {"id": new_request_id(), "taken_by": took}
    form = ScoreForm(request.POST or None, instrument=known, initial=initial)
    if request.method == "POST" and form.is_valid():
        kept = actions.enter_score(
            by=request.actor, course=course, instrument=known.key, knowledge=pack, **form.given()
        )
        if not isinstance(kept, Refusal):
            messages.success(request, _("Kept."))
            return redirect("followup:show", course.id)
        form.refuse(kept)
    page = {
        "course": course,
        "patient": course.patient,
        "instrument": known,
        "basis": known.basis.get("bands", "assumption"),
        "form": form,
    }
    return render(request, "followup/score.html", page, status=400 if form.errors else 200)


@clinic("followup.write")
def adverse_event(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "followup.write", course_id)
    form = AdverseEventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.add_adverse_event(by=request.actor, course=course, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            messages.success(request, _("Kept."))
            return redirect("followup:show", course.id)
        form.refuse(kept)
    page = {"course": course, "patient": course.patient, "form": form}
    return render(request, "followup/adverse_event.html", page, status=400 if form.errors else 200)


def _tell(request: HttpRequest, done: object) -> None:
    if isinstance(done, Refusal):
        messages.error(request, str(say(done)))
