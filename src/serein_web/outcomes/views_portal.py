"""Outcomes as the patient sees them: a direction and a sentence, never a grade."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from serein_web import knowledge
from serein_web.courses.queries import own_courses
from serein_web.outcomes.queries import outcomes
from serein_web.people.access import portal


@portal
def mine(request: HttpRequest) -> HttpResponse:
    pack = knowledge.current()
    courses = own_courses(request.actor)[:1]
    found = [
        {
            "direction": o.trajectory.direction,
            "instrument": o.instrument.key,
            "title": o.instrument.text.title,
        }
        for course in courses
        for o in outcomes(course, pack)
    ]
    return render(request, "outcomes/portal.html", {"outcomes": found})
