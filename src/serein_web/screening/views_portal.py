"""Screening as the patient sees it: where the assessment stands, in plain words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from serein_web.courses.queries import own_courses
from serein_web.people.access import portal


@portal
def standing(request: HttpRequest) -> HttpResponse:
    return render(request, "screening/portal.html", {"courses": own_courses(request.actor)})
