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
            "title": o.item.name if o.item else o.instrument.text.patient,
            "direction": o.trajectory.direction,
            "rests_on": o.trajectory.rests_on,
        }
        for course in courses
        for o in outcomes(course, pack)
        if o.instrument.rater == "self"
    ]
    return render(request, "outcomes/portal.html", {"outcomes": found})
