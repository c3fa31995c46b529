"""Staff answer enquiries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.enquiry import actions
from serein_web.enquiry.forms import CloseForm, CourseForm, MatchForm
from serein_web.enquiry.models import ConsultationRequest
from serein_web.people.access import clinic, found, visible
from serein_web.people.models import Patient


@clinic("enquiry.read")
def requests(request: HttpRequest) -> HttpResponse:
    rows = (
        visible(ConsultationRequest, request.actor, "enquiry.read")
        .filter(closed_at=None)
        .order_by("received_at")
    )
    return render(request, "enquiry/requests.html", {"requests": rows})


@clinic("enquiry.write")
def answer(request: HttpRequest, request_id) -> HttpResponse:
    row = found(visible(ConsultationRequest, request.actor, "enquiry.write"), id=request_id)
    patients = visible(Patient, request.actor, "people.read").filter(site=row.site_id).order_by("family_name")
    closing = request.POST.get("do") == "close"
    match = MatchForm(None if closing else request.POST or None, patients=patients)
    close = CloseForm(request.POST if closing else None)
    form = close if closing else match
    if request.method == "POST" and form.is_valid():
        write = actions.close_request if closing else actions.match_patient
        kept = write(by=request.actor, request=row, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return (
                redirect("chart:patient", kept.patient_id)
                if kept.patient_id
                else redirect("enquiry:requests")
            )
        form.refuse(kept)
    page = {"row": row, "match": match, "close": close}
    return render(request, "enquiry/answer.html", page, status=400 if form.errors else 200)


@clinic("enquiry.write")
def begin(request: HttpRequest, patient_id) -> HttpResponse:
    patient = found(visible(Patient, request.actor, "enquiry.write"), id=patient_id)
    form = CourseForm(request.POST or None, knowledge=knowledge.current())
    if request.method == "POST" and form.is_valid():
        course = actions.begin_course(by=request.actor, patient=patient, **form.cleaned_data)
        if not isinstance(course, Refusal):
            return redirect("chart:course", course.id)
        form.refuse(course)
    return render(
        request, "enquiry/begin.html", {"form": form, "patient": patient}, status=400 if form.errors else 200
    )
