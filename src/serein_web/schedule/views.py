"""Today's list, and booking."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.people.access import clinic, found, visible
from serein_web.people.models import Patient
from serein_web.schedule import actions
from serein_web.schedule.forms import BookForm
from serein_web.schedule.models import Appointment, Chair
from serein_web.schedule.queries import today
from serein_web.ui.refusals import say


@clinic("today.read")
def show_today(request: HttpRequest) -> HttpResponse:
    labels = dict(Appointment.Status.choices)
    rows = [
        {
            "appointment": a,
            "next": [(s, labels[s]) for s in actions.NEXT[a.status]],
            "session": a.kind == Appointment.Kind.SESSION
            and a.course_id
            and request.actor.may("session.read", a.site_id),
        }
        for a in today(request.actor, timezone.now())
    ]
    return render(request, "schedule/today.html", {"rows": rows})


@clinic("schedule.write")
def book(request: HttpRequest, patient_id) -> HttpResponse:
    patient = found(visible(Patient, request.actor, "schedule.write"), id=patient_id)
    form = BookForm(request.POST or None, chairs=Chair.objects.filter(site=patient.site_id).order_by("name"))
    if request.method == "POST" and form.is_valid():
        kept = actions.book(by=request.actor, patient=patient, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("schedule:today")
        form.refuse(kept)
    return render(
        request, "schedule/book.html", {"form": form, "patient": patient}, status=400 if form.errors else 200
    )


@clinic("schedule.write")
@require_POST
def set_status(request: HttpRequest, appointment_id) -> HttpResponse:
    row = found(visible(Appointment, request.actor, "schedule.write"), id=appointment_id)
    kept = actions.set_status(by=request.actor, appointment=row, status=request.POST.get("status", ""))
    if isinstance(kept, Refusal):
        messages.error(request, str(say(kept)))
    return redirect("schedule:today")
