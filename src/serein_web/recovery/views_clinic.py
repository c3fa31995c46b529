"""Recovery and leaving, for staff."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from serein.errors import Refusal
from serein.knowledge import Knowledge, route_for
from serein.logic import Facts
from serein.monitoring import recovery_score
from serein.pathway.recovery import Criterion, criteria, earliest
from serein.pathway.session import SessionState, questions
from serein_web import knowledge
from serein_web.courses.queries import course_for
from serein_web.decisions import shown_check
from serein_web.people.access import clinic
from serein_web.recovery import actions
from serein_web.recovery.forms import AldreteForm, DischargeForm, LeaveForm
from serein_web.sessionlog.forms import FORMS, OverrideForm
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.queries import latest, state, statements_of
from serein_web.sessionlog.words import OUTCOME_WORDS, form_title

HERE = ("escort", "instructions-given", "observation", "note")
"""The kinds that this stage charts."""


def _session(request: HttpRequest, permission: str, course_id: uuid.UUID) -> Session:
    """The session that runs, or the last one; 404 before the first."""
    session = latest(course_for(request.actor, permission, course_id))
    if session is None:
        raise Http404
    return session


def _form(kind: str, session: Session, data: Any = None, **more: Any) -> Any:
    initial = {"id": uuid.uuid4()}
    return FORMS[kind](data, initial=initial, session=session, knowledge=knowledge.current(), **more)


@clinic("recovery.read")
def show(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """Every criterion, what is missing and from when it can hold. Discharge opens when the decision says so."""
    session = _session(request, "recovery.read", course_id)
    return _page(request, session)


def _page(request: HttpRequest, session: Session, refused: DischargeForm | None = None) -> HttpResponse:
    known, now, log = knowledge.current(), timezone.now(), state(session)
    decision = actions.discharge_of(session, log, known, now)
    asked = questions(decision, known)
    until = earliest(log, route_for(known, session.route, session.product))
    may_decide = request.actor.may("session.decide", session.site_id)
    context = {
        "session": session,
        "course": session.course,
        "state": log,
        "left": OUTCOME_WORDS.get(log.departure.body.how) if log.departure else None,
        "earliest": until,
        "early": until is not None and now < until,
        "open": decision.conclusion == "eligible",
        "checks": [_check(c, log, known, now, may_decide) for c in criteria(decision, log, known)],
        "form": _form("observation", session, facts=asked) if asked else None,
        "escort": _form("escort", session),
        "instructions": _form("instructions-given", session),
        "discharge": refused or DischargeForm(),
    }
    return render(request, "recovery/show.html", context, status=400 if refused else 200)


def _check(
    criterion: Criterion, log: SessionState, known: Knowledge, now: dt.datetime, may_decide: bool
) -> dict[str, Any]:
    """A criterion as `ui/checks.html` takes it, with the time from when it can hold."""
    finding = criterion.finding
    state = "passed" if finding is None else "overridden" if finding.overridden else finding.state
    return shown_check(criterion.rule, state, criterion.because, finding, known, now) | {
        "from": None if criterion.holds else criterion.can_hold_from,
        "may_go_on": may_decide
        and log.departure is None
        and not criterion.holds
        and finding is not None
        and finding.overridable,
    }


@clinic("recovery.write")
def chart(request: HttpRequest, course_id: uuid.UUID, kind: str) -> HttpResponse:
    """One entry of one of the kinds of this stage."""
    session = _session(request, "recovery.write", course_id)
    if kind not in HERE:
        raise Http404
    facts = tuple(k for k in request.POST if k in knowledge.current().facts)
    more = {"facts": facts} if kind == "observation" and facts else {}
    return _charted(request, session, _form(kind, session, request.POST or None, **more))


def _charted(request: HttpRequest, session: Session, form: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        written = actions.chart(
            by=request.actor,
            session=session,
            kind=form.kind,
            body=form.body(),
            knowledge=knowledge.current(),
            at=form.cleaned_data["at"],
            id=form.cleaned_data["id"],
        )
        if not isinstance(written, Refusal):
            return redirect("recovery:show", session.course_id)
        form.refuse(written)
    return _form_page(request, session, form, form_title(form))


def _form_page(request: HttpRequest, session: Session, form: Any, heading: str) -> HttpResponse:
    context = {"session": session, "form": form, "heading": heading}
    return render(request, "recovery/form.html", context, status=400 if form.errors else 200)


@clinic("recovery.write")
def score(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """The modified Aldrete score, its items suggested by the readings where they settle them."""
    session = _session(request, "recovery.write", course_id)
    known, now = knowledge.current(), timezone.now()
    facts = Facts(statements_of(session, state(session), known, now), known, now)
    form = AldreteForm(request.POST or None, knowledge=known, suggested=recovery_score.suggestions(facts))
    if request.method == "POST" and form.is_valid():
        written = actions.score_aldrete(
            by=request.actor,
            session=session,
            points=form.points(),
            knowledge=known,
            at=form.cleaned_data["at"],
            id=form.cleaned_data["id"],
        )
        if not isinstance(written, Refusal):
            return redirect("recovery:show", course_id)
        form.refuse(written)
    return _form_page(request, session, form, _("Recovery score (Aldrete)"))


@clinic("session.decide")
def override(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """A prescriber decides that somebody may leave in spite of one criterion, with a reason."""
    session = _session(request, "session.decide", course_id)
    known = knowledge.current()
    decision = actions.discharge_of(session, state(session), known, timezone.now())
    initial = {"id": uuid.uuid4()} | OverrideForm.of(decision, request.GET.get("rule", ""))
    form = OverrideForm(request.POST or None, initial=initial, session=session, knowledge=known)
    return _charted(request, session, form)


@clinic("recovery.write")
def discharge(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """Discharge, if every criterion holds at this moment; posted before, nothing changes."""
    session = _session(request, "recovery.write", course_id)
    form = DischargeForm(request.POST or None)
    if request.method != "POST":
        return redirect("recovery:show", course_id)
    if form.is_valid():
        left = actions.leave(
            by=request.actor,
            session=session,
            how="discharged",
            knowledge=knowledge.current(),
            id=form.cleaned_data["id"],
        )
        if not isinstance(left, Refusal):
            return redirect("recovery:show", course_id)
        form.refuse(left)
    return _page(request, session, form)


@clinic("recovery.write")
def leave(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """Leaving otherwise than by discharge: always open."""
    session = _session(request, "recovery.write", course_id)
    form = LeaveForm(request.POST or None, dosed=state(session).start is not None)
    if request.method == "POST" and form.is_valid():
        left = actions.leave(
            by=request.actor, session=session, knowledge=knowledge.current(), **form.cleaned_data
        )
        if not isinstance(left, Refusal):
            return redirect("recovery:show", course_id)
        form.refuse(left)
    return _form_page(request, session, form, _("The person leaves"))
