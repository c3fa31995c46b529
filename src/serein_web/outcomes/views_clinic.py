"""Outcomes as staff see them, and the prescriber's review."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein.pathway.outcomes import review_choices
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for
from serein_web.outcomes import actions
from serein_web.outcomes.forms import ReviewForm
from serein_web.outcomes.queries import outcomes, reviews
from serein_web.outcomes.shown import shown
from serein_web.people.access import clinic


@clinic("outcomes.read")
def show(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "outcomes.read", course_id)
    return _page(request, course, ReviewForm(allowed=review_choices(course.state)))


@clinic("outcomes.write")
@require_POST
def review(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "outcomes.write", course_id)
    form = ReviewForm(request.POST, allowed=review_choices(course.state))
    if form.is_valid():
        kept = actions.review(by=request.actor, course=course, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("chart:course", course.id)
        form.refuse(kept)
    return _page(request, course, form)


def _page(request: HttpRequest, course: Course, form: ReviewForm) -> HttpResponse:
    pack = knowledge.current()
    found = [shown(o, pack) for o in outcomes(course, pack)]
    page = {
        "course": course,
        "patient": course.patient,
        "outcomes": [o for o in found if not o["is_rating"]],
        "ratings": [o for o in found if o["is_rating"]],
        "reviews": reviews(course),
        "form": form,
        "may_review": request.actor.may("outcomes.write", course.site_id) and review_choices(course.state),
    }
    return render(request, "outcomes/show.html", page, status=400 if form.errors else 200)
