"""Staff plan a course; a prescriber makes the plan an order."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein.knowledge.types import Protocol, ProtocolPhase
from serein.pathway.plan import DoseProposal, protocol_digest
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for, standing_kinds
from serein_web.people.access import ANY_STAFF, clinic, visible
from serein_web.people.models import Site
from serein_web.plan import actions, queries
from serein_web.plan.charts import concentration_chart
from serein_web.plan.forms import AdoptForm, BookForm, PlanForm, RevokeForm, SignForm
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
            knowledge=knowledge.current(),
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
            by=request.actor, course=course, knowledge=knowledge.current(), **form.cleaned_data
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
            by=request.actor, course=course, knowledge=knowledge.current(), **form.cleaned_data
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
    now, known = timezone.now(), knowledge.current()
    order = queries.current_order(course, now)
    proposal = queries.proposed(course, order, known) if order else None
    form = form or _plan_form(course, begin=request.GET.get("from", ""), take=_taken(request, proposal))
    page: dict[str, Any] = {
        "course": course,
        "order": order,
        "body": order.body if order else None,
        "orders": queries.orders(course),
        "weight": _weight(course),
        "stands": standing_kinds(course, now),
        "form": form,
        "route": form.route,
        "products": form.products,
        "beginnings": form.beginnings,
        "proposal": proposal if isinstance(proposal, DoseProposal) else None,
        "no_proposal": proposal if isinstance(proposal, Refusal) else None,
        "revoking": revoking or RevokeForm(),
        "booking": booking or BookForm(chairs=_chairs(request, course)),
        "booked": queries.booked(course),
        "may_sign": request.actor.may("plan.sign", course.site_id),
    }
    page |= _drafted(course, signing)
    refused = any(f is not None and f.is_bound for f in (form, signing, revoking, booking))
    return render(request, "plan/show.html", page, status=400 if refused else 200)


def _drafted(course: Course, signing: SignForm | None) -> dict[str, Any]:
    """The saved plan as it would be signed now, or the refusal that stands before it."""
    kept = queries.draft_of(course)
    if kept is None:
        return {"signing": signing}
    now, known = timezone.now(), knowledge.current()
    draft = queries.drafted(course, queries.wish_of(kept), now, known)
    if isinstance(draft, Refusal):
        return {"kept": kept, "draft_refused": draft, "signing": signing}
    predicted = queries.predicted(course, draft, now, known)
    drawn = not isinstance(predicted, Refusal)
    return {
        "kept": kept,
        "draft": draft,
        "planned": draft.order,
        "chart": concentration_chart(predicted, draft.order) if drawn else None,
        "not_drawn": None if drawn else predicted,
        "marked": predicted.marked if drawn else (),
        "chosen": known.products[draft.order.product_key],
        "signing": signing or SignForm(initial={"id": uuid.uuid4(), "shown_digest": draft.order.digest}),
    }


def _weight(course: Course):
    return queries.weight_of(course, timezone.now(), knowledge.current())


def _plan_form(
    course: Course, given: Any = None, *, begin: str = "", take: DoseProposal | None = None
) -> PlanForm:
    known = knowledge.current()
    kept = queries.draft_of(course)
    form = PlanForm(given, course=course, knowledge=known, measured=_weight(course))
    form.initial = _first_values(form, kept, begin)
    if take is not None:
        form.initial["dose"] = take.labelled
    return form


def _taken(request: HttpRequest, proposal: Any) -> DoseProposal | None:
    """The proposal, where the prescriber takes it into the plan. It is checked, saved and signed like any other."""
    taken = request.method == "GET" and "take" in request.GET and isinstance(proposal, DoseProposal)
    return proposal if taken else None


def _first_values(form: PlanForm, kept, begin: str) -> dict[str, Any]:
    """The phase asked for, else the saved plan, else the first protocol; nobody but the prescriber says until when."""
    values: dict[str, Any] = {"seen": 0, "valid_from": timezone.now(), "over": form.route.delivery}
    if kept is not None:
        wish = queries.wish_of(kept)
        lines = "\n".join(f"{m.medicine}; {m.dose}; {m.for_}" for m in wish.as_needed)
        follows = f"{wish.protocol}:{wish.phase}"
        values = {name: getattr(wish, name) for name in form.fields if hasattr(wish, name)}
        values |= {"as_needed": lines, "seen": kept.saved, "follows": follows}
    if begin in form.beginnings:
        return values | _of_phase(*form.beginnings[begin])
    if kept is None and form.beginnings:
        return values | _of_phase(*next(iter(form.beginnings.values())))
    return values


def _of_phase(protocol: Protocol, phase: ProtocolPhase) -> dict[str, Any]:
    return {
        "follows": f"{protocol.key}:{phase.key}",
        "dose": phase.dose,
        "over": phase.delivery,
        "sessions": phase.sessions,
        "spacing": phase.spacing,
        "series_over": phase.over,
    }


@clinic("plan.read")
def protocols(request: HttpRequest) -> HttpResponse:
    """Every protocol with its phases and stop rule, and which of the actor's sites lets it propose doses."""
    return _protocols(request)


@clinic("plan.sign")
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """A prescriber turns a protocol's proposals on or off for one site."""
    form = AdoptForm(request.POST, sites=_sites(request, "plan.sign"))
    if form.is_valid():
        site, key = form.cleaned_data["site"], form.cleaned_data["protocol"]
        if request.POST.get("do") == "end":
            kept = actions.end_adoption(by=request.actor, site=site, protocol=key)
        else:
            kept = actions.adopt_protocol(
                by=request.actor,
                site=site,
                protocol=key,
                shown_digest=form.cleaned_data["shown_digest"],
                knowledge=knowledge.current(),
            )
        if not isinstance(kept, Refusal):
            return redirect("plan:protocols")
        form.refuse(kept)
    return _protocols(request, form)


def _sites(request: HttpRequest, permission: str):
    return Site.objects.filter(id__in=request.actor.sites(permission)).order_by("name")


def _protocols(request: HttpRequest, refused: AdoptForm | None = None) -> HttpResponse:
    known = knowledge.current()
    sites = [(site, queries.adoptions(site)) for site in _sites(request, "plan.read")]
    rows = [
        {
            "protocol": protocol,
            "route": known.routes[protocol.route],
            "digest": protocol_digest(known, key),
            "sites": [
                {
                    "site": site,
                    "adopted": adopted.get(key),
                    "old": key in adopted and adopted[key].digest != protocol_digest(known, key),
                    "may": request.actor.may("plan.sign", site.id),
                }
                for site, adopted in sites
            ],
        }
        for key, protocol in known.protocols.items()
    ]
    context = {"rows": rows, "refused": refused}
    return render(request, "plan/protocols.html", context, status=400 if refused else 200)


@clinic(ANY_STAFF)
def checklists(request: HttpRequest) -> HttpResponse:
    """Every checklist, to open or to print."""
    rows = sorted(knowledge.current().checklists.values(), key=lambda c: c.text.title)
    return render(request, "plan/checklists.html", {"rows": rows})


@clinic(ANY_STAFF)
def checklist(request: HttpRequest, checklist: str) -> HttpResponse:
    """One checklist, to read on a screen or from a wall."""
    known = knowledge.current()
    row = known.checklists.get(checklist)
    if row is None:
        raise Http404
    steps = [(step, [known.facts[key] for key in step.charts]) for step in row.steps]
    alarms = [known.rules[key] for key in row.rules]
    return render(request, "plan/checklist.html", {"row": row, "steps": steps, "alarms": alarms})


def _chairs(request: HttpRequest, course: Course):
    return visible(Chair, request.actor, "plan.write").filter(site=course.site_id).order_by("name")
