"""The whole person, the whole course."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from serein_web.courses.queries import course_for, own_courses
from serein_web.people.access import clinic, found, portal, visible
from serein_web.people.models import Patient


@clinic("people.read")
def patient(request: HttpRequest, patient_id) -> HttpResponse:
    row = found(visible(Patient, request.actor, "people.read"), id=patient_id)
    return render(request, "chart/patient.html", {"patient": row})


@clinic("chart.read")
def course(request: HttpRequest, course_id) -> HttpResponse:
    return render(
        request, "chart/course.html", {"course": course_for(request.actor, "chart.read", course_id)}
    )


@portal
def portal_home(request: HttpRequest) -> HttpResponse:
    return render(request, "chart/portal.html", {"courses": own_courses(request.actor)})
