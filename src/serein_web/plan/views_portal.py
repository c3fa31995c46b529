"""The patient reads the plan in plain words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from serein.knowledge import route_for
from serein_web import knowledge
from serein_web.courses.queries import own_courses
from serein_web.people.access import portal
from serein_web.plan import queries


@portal
def mine(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = []
    for course in own_courses(request.actor):
        order = queries.current_order(course, now) if course.is_open else None
        if order is not None:
            route = route_for(knowledge.current(), course.route, course.product)
            rows.append(
                {"order": order, "body": order.body, "booked": queries.booked(course), "route": route}
            )
    return render(request, "plan/mine.html", {"rows": rows})
