"""The patient reads, signs, keeps a copy, and takes it back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from serein.errors import Refusal
from serein.pathway.consent import too_soon_after_dose
from serein_web import knowledge
from serein_web.consent import actions, queries
from serein_web.consent.forms import SignForm, WithdrawForm
from serein_web.consent.models import Signature
from serein_web.courses.models import Course
from serein_web.courses.queries import own_course, own_courses
from serein_web.people.access import found, own, portal


@portal
def mine(request: HttpRequest) -> HttpResponse:
    """Where each open course stands with its consent."""
    courses = [c for c in own_courses(request.actor) if c.is_open]
    rows = [_standing(course) for course in courses]
    return render(request, "consent/mine.html", {"rows": rows})


@portal
def read(request: HttpRequest, course_id) -> HttpResponse:
    """The first layer: a few sentences."""
    course = own_course(request.actor, course_id)
    return render(request, "consent/read.html", _standing(course) | {"document": _document(course)})


@portal
def full(request: HttpRequest, course_id) -> HttpResponse:
    """The second layer: everything, with what it rests on."""
    course = own_course(request.actor, course_id)
    document = _document(course)
    page = {"document": document, "sections": queries.sections(document, knowledge.current())}
    return render(request, "consent/full.html", _standing(course) | page)


@portal
def sign(request: HttpRequest, course_id) -> HttpResponse:
    course = own_course(request.actor, course_id)
    document = _document(course)
    form = SignForm(request.POST or None, initial={"id": uuid.uuid4(), "version": document.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        shown = queries.document_of(course.product, given["version"]) or document
        signature = actions.sign(
            by=request.actor,
            id=given["id"],
            course=course,
            document=shown,
            signed_name=given["full_name"],
            where=Signature.Where.PORTAL,
        )
        if not isinstance(signature, Refusal):
            messages.success(
                request, _("Thank you. It is signed, and your clinic can see it. This is your copy.")
            )
            return redirect("consent:copy", signature.id)
        form.refuse(signature)
    page = _standing(course) | {"document": document, "form": form}
    return render(request, "consent/sign.html", page, status=400 if form.errors else 200)


@portal
def withdraw(request: HttpRequest, course_id) -> HttpResponse:
    course = own_course(request.actor, course_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = actions.withdraw(by=request.actor, course=course, reason=form.cleaned_data["reason"])
        if not isinstance(done, Refusal):
            return redirect("consent:mine")
        form.refuse(done)
    return render(
        request, "consent/withdraw.html", {"course": course, "form": form}, status=400 if form.errors else 200
    )


@portal
def copy(request: HttpRequest, signature_id) -> HttpResponse:
    rows = own(Signature.objects.select_related("document", "site", "course", "withdrawal"), request.actor)
    signature = found(rows, id=signature_id)
    return render(request, "consent/copy.html", queries.signed_copy(signature, knowledge.current()))


def _standing(course: Course) -> dict:
    last_dose_at, running = queries.last_dose(course)
    return {
        "course": course,
        "state": queries.consent_state(course),
        "signatures": queries.signatures(course),
        "wait": too_soon_after_dose(
            now=timezone.now(),
            last_dose_at=last_dose_at,
            dose_running=running,
            time_zone=course.site.time_zone,
        ),
    }


def _document(course: Course):
    document = queries.newest_document(course.product)
    if document is None:
        raise Http404
    return document
