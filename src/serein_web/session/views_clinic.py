"""The day of treatment, for staff: opening, the gate, the chair, the log."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein.pathway.session import OWN_PAGE, checks, effective, questions
from serein.units import show as show_number
from serein_web import knowledge
from serein_web.courses.queries import course_for
from serein_web.decisions import shown_check
from serein_web.guide.knowledge import of_site
from serein_web.people.access import clinic, visible
from serein_web.people.shared import lock_page, unlock_form, whoever_stood_here
from serein_web.schedule.models import Chair
from serein_web.session import actions
from serein_web.session.forms import OpenForm
from serein_web.session.live import CORRECTABLE, page, undo
from serein_web.sessionlog.forms import FORMS, RATINGS, VITALS, OverrideForm, RetractForm
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.queries import entries, order_of, running, session_for, sessions, state
from serein_web.sessionlog.words import OUTCOME_WORDS, form_title, title
from serein_web.ui.refusals import say


def _session(request: HttpRequest, permission: str, course_id: uuid.UUID, session_id: uuid.UUID) -> Session:
    session = session_for(request.actor, permission, session_id)
    if session.course_id != course_id:
        raise Http404
    return session


@clinic("session.read")
def show(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """The sessions of a course, and opening the next one. One that runs already is gone to."""
    course = course_for(request.actor, "session.read", course_id)
    chairs = visible(Chair, request.actor, "session.read").filter(site=course.site_id).order_by("name")
    form = OpenForm(request.POST or None, chairs=chairs)
    if request.method == "POST":
        course = course_for(request.actor, "session.write", course_id)
        if form.is_valid():
            opened = actions.open_session(by=request.actor, course=course, **form.cleaned_data)
            if not isinstance(opened, Refusal):
                return redirect("session:gate", course.id, opened.id)
            form.refuse(opened)
    rows = [(s, OUTCOME_WORDS.get(s.outcome, "")) for s in sessions(course)]
    context = {"course": course, "rows": rows, "running": running(course), "form": form}
    return render(request, "session/show.html", context, status=400 if form.errors else 200)


@clinic("session.read")
def gate(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """Every check of the day with its state, and a form that asks exactly what is missing."""
    session = _session(request, "session.read", course_id, session_id)
    known, now, log = of_site(session.site_id), timezone.now(), state(session)
    decision = actions.gate_of(session, log, known, now)
    excluded = actions.excluded_now(session, log, known, now)
    asked = questions(decision, known)
    may_decide = request.actor.may("session.decide", session.site_id)
    context = {
        "session": session,
        "state": log,
        "order": order_of(session, now),
        "decision": decision,
        "open": decision.conclusion == "eligible" and excluded is None,
        "excluded": excluded,
        "checks": [
            shown_check(c.rule, c.state, c.because, c.finding, known, now)
            | {"may_go_on": c.can_be_overridden and may_decide}
            for c in checks(decision, known)
        ],
        "asked": asked,
        "reconcile": any(m.fact in OWN_PAGE for m in decision.missing),
        "form": _form("observation", session, facts=asked) if asked else None,
        "check_in": _form("check-in", session) if log.check_in is None else None,
        "read": _form("settings-read", session),
        "new_id": uuid.uuid4,
    }
    return render(request, "session/gate.html", context)


def _form(kind: str, session: Session, data: Any = None, initial: Any = None, **more: Any) -> Any:
    first = {"id": uuid.uuid4()} | (initial or {})
    return FORMS[kind](data, initial=first, session=session, knowledge=knowledge.current(), **more)


@clinic("session.read", while_locked=True)
def chair(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """The live page of the chair. Works without scripts; with them it asks every three seconds what is new."""
    session = _session(request, "session.read", course_id, session_id)
    log, known, now = entries(session), of_site(session.site_id), timezone.now()
    if request.locked:
        return _locked_chair(request, session)
    context = page(session, log, known, now) | {
        "undo": undo(session, log, known, str(request.actor.id), now),
        "vitals": _form("observation", session),
        "taps": _taps(),
        "new_id": uuid.uuid4,
    }
    return render(request, "session/chair.html", context)


def _locked_chair(request: HttpRequest, session: Session) -> HttpResponse:
    """Alarms and numbers go on while the shared tablet is locked; the person is two letters, and only stopping works."""
    context = page(session, entries(session), knowledge.current(), timezone.now())
    context |= lock_page(request, unlock_form(request)) | {"next": request.path, "new_id": uuid.uuid4}
    return render(request, "session/chair_locked.html", context)


@clinic("session.write", while_locked=True)
@require_POST
def stop_while_locked(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """Stop the dose at a tablet that is locked: nobody has to find out first who they are."""
    session = _session(request, "session.write", course_id, session_id)
    if not request.locked:
        return redirect("session:chart", course_id, session_id, "dosing-stop")
    form = _form("dosing-stop", session, {"id": request.POST.get("id"), "how": "aborted"})
    if form.is_valid():
        stopped = actions.stop(
            by=whoever_stood_here(request.actor),
            session=session,
            body={"how": "aborted", "reason": gettext("Pressed at a locked tablet; why is to be added.")},
            knowledge=knowledge.current(),
            id=form.cleaned_data["id"],
        )
        if isinstance(stopped, Refusal):
            messages.error(request, str(say(stopped)))
    return redirect("session:chair", course_id, session_id)


def _taps() -> list[tuple[str, str, list[int]]]:
    """Ratings that are charted by one tap: fact, name, and every value it may have."""
    facts = knowledge.current().facts
    found_ = []
    for key in RATINGS:
        low, high = facts[key].plausible or (0, 0)
        found_.append((key, facts[key].text.ask, list(range(int(low), int(high) + 1))))
    return found_


@clinic("session.read", while_locked=True)
def live(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """The part of the chair page that changes; nothing (204) if neither the log nor what is late has.

    A page that was open when its tablet locked, or locked when it was unlocked elsewhere, comes anew as a whole.
    """
    if request.locked != (request.GET.get("locked") == "yes"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    session = _session(request, "session.read", course_id, session_id)
    context = page(session, entries(session), of_site(session.site_id), timezone.now())
    seen = (request.GET.get("seq"), request.GET.get("late", str(context["late"])))
    if seen == (str(context["seq"]), str(context["late"])):
        return HttpResponse(status=204)
    template = "session/live_locked.html" if request.locked else "session/live.html"
    return render(request, template, context | {"new_id": uuid.uuid4, "swap": True})


@clinic("session.write", charts=True)
def chart(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID, kind: str) -> HttpResponse:
    """One entry of one kind: the form by itself, and where every form of the other pages is sent."""
    session = _session(request, "session.write", course_id, session_id)
    if kind not in FORMS or kind == "override":
        raise Http404
    more = {"facts": _facts(request)} if kind == "observation" else {}
    form = _form(kind, session, request.POST or None, **more)
    return _charted(request, session, form)


def _facts(request: HttpRequest) -> tuple[str, ...]:
    """The facts that a form carries, or that a link asks for."""
    named = request.GET.get("facts", "").split(",") if request.method == "GET" else list(request.POST)
    known = tuple(k for k in named if k in knowledge.current().facts)
    return known or VITALS


def _charted(
    request: HttpRequest,
    session: Session,
    form: Any,
    kept: dict[str, Any] | None = None,
    shown_at: dt.datetime | None = None,
    **more: Any,
) -> HttpResponse:
    """Write what a valid form says and go on; else the form again, with its refusals.

    `kept` is the body of an entry of which only the time is corrected: its kind has nothing to fill in. `shown_at`
    is the time of the entry that is corrected.
    """
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        written = actions.chart(
            by=request.actor,
            session=session,
            kind=form.kind,
            body=form.body() or kept or {},
            knowledge=of_site(session.site_id),
            at=_moment(given["at"], shown_at),
            id=given["id"],
            **more,
        )
        if not isinstance(written, Refusal):
            return redirect(_next_page(session), session.course_id, session.id)
        form.refuse(written)
    context = {
        "session": session,
        "form": form,
        "kind": form.kind,
        "heading": form_title(form),
        "corrects": more.get("corrects"),
    }
    return render(request, "session/chart.html", context, status=400 if form.errors else 200)


def _moment(given: dt.datetime | None, shown: dt.datetime | None) -> dt.datetime | None:
    """The time given; one left as shown keeps its seconds, so that the order of the log stays, and so does none."""
    if shown is not None and given in (None, shown.replace(second=0, microsecond=0)):
        return shown
    return given


def _next_page(session: Session) -> str:
    """Before the dose the gate is the page to be on; from its start, the chair."""
    return "session:gate" if state(session).phase in {"before", "arrival"} else "session:chair"


@clinic("session.decide")
def override(request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    """A prescriber goes on in spite of a finding, with a reason."""
    session = _session(request, "session.decide", course_id, session_id)
    known = of_site(session.site_id)
    decision = actions.gate_of(session, state(session), known, timezone.now())
    initial = {"id": uuid.uuid4()} | OverrideForm.of(decision, request.GET.get("rule", ""))
    form = OverrideForm(request.POST or None, initial=initial, session=session, knowledge=known)
    return _charted(request, session, form)


@clinic("session.write")
def correct(
    request: HttpRequest, course_id: uuid.UUID, session_id: uuid.UUID, entry_id: uuid.UUID
) -> HttpResponse:
    """Correct an entry: the same form, filled with what it says; or take it back. Both are new entries."""
    session = _session(request, "session.write", course_id, session_id)
    now_reads = {e.id: e for e in effective(entries(session))}
    entry = now_reads.get(str(entry_id))
    if entry is None or entry.kind not in CORRECTABLE:
        raise Http404
    known = of_site(session.site_id)
    initial = {"id": uuid.uuid4(), "at": entry.at, **entry.body, **entry.body.get("values", {})}
    retract = RetractForm(
        request.POST if request.POST.get("do") == "retract" else None,
        initial={"id": uuid.uuid4()},
        session=session,
        knowledge=known,
    )
    if retract.is_bound:
        return _charted(request, session, retract, corrects=entry_id)
    more = {"facts": tuple(entry.body["values"])} if entry.kind == "observation" else {}
    form = _form(entry.kind, session, request.POST or None, _shown(initial), **more)
    if form.is_bound:
        kept = entry.body if entry.kind == "dosing-start" else None
        return _charted(request, session, form, kept, entry.at, corrects=entry_id)
    context = {
        "session": session,
        "form": form,
        "retract": retract,
        "kind": entry.kind,
        "title": title(entry, known),
    }
    return render(request, "session/correct.html", context)


TYPED_WITH_UNIT = {"dose_mg": "mg", "mg": "mg", "rate_mg_per_h": "mg/h"}
MOMENTS = ("onset", "end")


def _shown(initial: dict[str, Any]) -> dict[str, Any]:
    """Values as a form shows them: yes and no for flags, times on the wall clock, the unit where it is typed."""
    return {k: _shown_value(k, v) for k, v in initial.items()}


def _shown_value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value if name == "arrived" else "yes" if value else "no"
    if name in MOMENTS and isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    if isinstance(value, int | float):
        unit = TYPED_WITH_UNIT.get(name)
        return f"{show_number(value)} {unit}" if unit else show_number(value)
    return value
