"""Staff plan a course; a prescriber makes the plan an order."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for, standing_kinds
from serein_web.people.access import clinic, visible
from serein_web.plan import actions, queries
from serein_web.plan.charts import concentration_chart
from serein_web.plan.forms import BookForm, PlanForm, RevokeForm, SignForm
from serein_web.schedule.models import Chair


@clinic("plan.read")
def show(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "plan.read", course_id)
    return _page(request, course)


@clinic("plan.write")
@require_POST
def save(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "plan.write", course_id)
    form = _plan_form(course, request.POST)
    if form.is_valid():
        kept = actions.save_draft(
            by=request.actor,
            course=course,
            wish=form.wish(),
            seen=form.cleaned_data["seen"],
            knowledge=knowledge.of_site(course.site_id),
        )
        if not isinstance(kept, Refusal):
            return redirect("plan:show", course.id)
        form.refuse(kept)
    return _page(request, course, form=form)


@clinic("plan.sign")
@require_POST
def sign(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "plan.sign", course_id)
    form = SignForm(request.POST)
    if form.is_valid():
        order = actions.sign_order(
            by=request.actor, course=course, knowledge=knowledge.of_site(course.site_id), **form.cleaned_data
        )
        if not isinstance(order, Refusal):
            return redirect("plan:show", course.id)
        form.refuse(order)
    return _page(request, course, signing=form)


@clinic("plan.sign")
@require_POST
def revoke(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "plan.sign", course_id)
    form = RevokeForm(request.POST)
    if form.is_valid():
        order = actions.revoke_order(by=request.actor, course=course, **form.cleaned_data)
        if not isinstance(order, Refusal):
            return redirect("plan:show", course.id)
        form.refuse(order)
    return _page(request, course, revoking=form)


@clinic("plan.write")
@require_POST
def book(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "plan.write", course_id)
    form = BookForm(request.POST, chairs=_chairs(request, course))
    if form.is_valid():
        booked = actions.book_series(
            by=request.actor, course=course, knowledge=knowledge.of_site(course.site_id), **form.cleaned_data
        )
        if not isinstance(booked, Refusal):
            return redirect("plan:show", course.id)
        form.refuse(booked)
    return _page(request, course, booking=form)


def _page(
    request: HttpRequest,
    course: Course,
    *,
    form: PlanForm | None = None,
    signing: SignForm | None = None,
    revoking: RevokeForm | None = None,
    booking: BookForm | None = None,
) -> HttpResponse:
    """The whole page, with whichever form was refused in place of its empty twin."""
    now = timezone.now()
    order = queries.current_order(course, now)
    page: dict[str, Any] = {
        "course": course,
        "order": order,
        "body": order.body if order else None,
        "orders": queries.orders(course),
        "weight": _weight(course),
        "stands": standing_kinds(course, now),
        "form": form or _plan_form(course),
        "revoking": revoking or RevokeForm(),
        "booking": booking or BookForm(chairs=_chairs(request, course)),
        "booked": queries.booked(course),
        "may_sign": request.actor.may("plan.sign", course.site_id),
    }
    page |= _drafted(course, signing)
    refused = any(f is not None for f in (form, signing, revoking, booking))
    return render(request, "plan/show.html", page, status=400 if refused else 200)


def _drafted(course: Course, signing: SignForm | None) -> dict[str, Any]:
    """The saved plan as it would be signed now, or the refusal that stands before it."""
    kept = queries.draft_of(course)
    if kept is None:
        return {"signing": signing}
    now, known = timezone.now(), knowledge.of_site(course.site_id)
    draft = queries.drafted(course, queries.wish_of(kept), now, known)
    if isinstance(draft, Refusal):
        return {"kept": kept, "draft_refused": draft, "signing": signing}
    predicted = queries.predicted(course, draft, now, known)
    drawn = predicted is not None and not isinstance(predicted, Refusal)
    return {
        "kept": kept,
        "draft": draft,
        "planned": draft.order,
        "chart": concentration_chart(predicted, draft.order) if drawn else None,
        "marked": predicted.marked if drawn else (),
        "signing": signing or SignForm(initial={"id": uuid.uuid4(), "shown_digest": draft.order.digest}),
    }


def _weight(course: Course):
    return queries.weight_of(course, timezone.now(), knowledge.current())


def _plan_form(course: Course, given: Any = None) -> PlanForm:
    known = knowledge.of_site(course.site_id)
    kept = queries.draft_of(course)
    form = PlanForm(given, course=course, knowledge=known, measured=_weight(course))
    form.initial = _first_values(form, kept)
    return form


def _first_values(form: PlanForm, kept) -> dict[str, Any]:
    """The saved plan, else the usual protocol; when it is to run out nobody but the prescriber says."""
    if kept is not None:
        wish = queries.wish_of(kept)
        lines = "\n".join(f"{m.medicine}; {m.dose}; {m.for_}" for m in wish.as_needed)
        values = {name: getattr(wish, name) for name in form.fields if hasattr(wish, name)}
        return values | {"as_needed": lines, "seen": kept.saved}
    values = {"seen": 0, "valid_from": timezone.now(), "over": form.route.delivery}
    protocol = form.protocol
    if protocol is not None:
        values |= {
            "dose": protocol.dose,
            "over": protocol.delivery,
            "sessions": protocol.sessions,
            "spacing": protocol.spacing,
            "series_over": protocol.over,
        }
    return values


def _chairs(request: HttpRequest, course: Course):
    return visible(Chair, request.actor, "plan.write").filter(site=course.site_id).order_by("name")
