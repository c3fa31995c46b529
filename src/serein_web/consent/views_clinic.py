"""Staff see where a consent stands, hold the tablet for a signature, and record a withdrawal."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serein.errors import Refusal
from serein.pathway.consent import too_soon_after_dose
from serein_web import knowledge
from serein_web.consent import actions, queries
from serein_web.consent.forms import SignForm, WithdrawForm
from serein_web.consent.models import Signature
from serein_web.courses.queries import course_for
from serein_web.people.access import clinic, found, visible


@clinic("consent.read")
def show(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "consent.read", course_id)
    last_dose_at, running = queries.last_dose(course)
    page = {
        "course": course,
        "state": queries.consent_state(course),
        "document": queries.newest_document(course.product),
        "signatures": queries.signatures(course),
        "withdrawals": queries.withdrawals(course),
        "wait": too_soon_after_dose(
            now=timezone.now(),
            last_dose_at=last_dose_at,
            dose_running=running,
            time_zone=course.site.time_zone,
        ),
    }
    return render(request, "consent/show.html", page)


@clinic("consent.write")
def tablet(request: HttpRequest, course_id) -> HttpResponse:
    """The patient reads and signs on the clinic's tablet; a member of staff is logged in and is named."""
    course = course_for(request.actor, "consent.write", course_id)
    document = queries.newest_document(course.product)
    if document is None:
        raise Http404
    form = SignForm(request.POST or None, initial={"id": uuid.uuid4(), "version": document.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        signature = actions.sign(
            by=request.actor,
            id=given["id"],
            course=course,
            document=queries.document_of(course.product, given["version"]) or document,
            signed_name=given["full_name"],
            where=Signature.Where.TABLET,
        )
        if not isinstance(signature, Refusal):
            return redirect("consent:show", course.id)
        form.refuse(signature)
    page = {
        "course": course,
        "document": document,
        "sections": queries.sections(document, knowledge.current()),
        "form": form,
    }
    return render(request, "consent/tablet.html", page, status=400 if form.errors else 200)


@clinic("consent.write")
def withdraw_for(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "consent.write", course_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = actions.withdraw(by=request.actor, course=course, reason=form.cleaned_data["reason"])
        if not isinstance(done, Refusal):
            return redirect("consent:show", course.id)
        form.refuse(done)
    return render(
        request,
        "consent/withdraw_for.html",
        {"course": course, "form": form},
        status=400 if form.errors else 200,
    )


@clinic("consent.read")
def copy_for(request: HttpRequest, signature_id) -> HttpResponse:
    rows = Signature.objects.select_related("document", "site", "course", "withdrawal")
    signature = found(visible(rows, request.actor, "consent.read"), id=signature_id)
    return render(request, "consent/copy_for.html", queries.signed_copy(signature, knowledge.current()))
