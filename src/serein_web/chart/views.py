"""The whole person, the whole course."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from serein_web import knowledge
from serein_web.chart.story import stage_links, story
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for, own_courses
from serein_web.followup.queries import own_open
from serein_web.people.access import clinic, found, own, portal, visible
from serein_web.people.models import Patient
from serein_web.record import queries as record
from serein_web.record.identity import age
from serein_web.record.models import Score
from serein_web.schedule.models import Appointment
from serein_web.tasks.models import Task
from serein_web.tasks.queries import URGENCY

NEXT = {
    "enquiry": _("Go on with the enquiry"),
    "screening": _("Go on with screening"),
    "consent": _("Go on with consent"),
    "plan": _("Go on with the plan"),
    "session": _("Go to the session"),
    "recovery": _("Go to recovery"),
    "followup": _("Go on with follow-up"),
    "outcomes": _("Review the outcomes"),
}


@clinic("chart.read")
def course(request: HttpRequest, course_id) -> HttpResponse:
    row = course_for(request.actor, "chart.read", course_id)
    links = stage_links(row)
    tasks = list(Task.objects.filter(course_id=row.id))
    page = {
        "course": row,
        "links": links,
        "next_url": links.get(row.state, ""),
        "next_words": NEXT.get(row.state, ""),
        "tasks": sorted((t for t in tasks if t.done_at is None), key=lambda t: (URGENCY[t.kind], t.deadline)),
        "story": story(row, knowledge.current(), tasks),
    }
    return render(request, "chart/course.html", page)


@clinic("people.read")
def patient(request: HttpRequest, patient_id) -> HttpResponse:
    """The front desk sees who it is, the stages and the appointments; clinicians see the record as well."""
    row = found(visible(Patient.objects.select_related("site"), request.actor, "people.read"), id=patient_id)
    clinical = request.actor.may("record.read", row.site_id)
    page = {
        "patient": row,
        "identifiers": row.identifiers.order_by("system", "value"),
        "age": age(row.birth_date, timezone.localdate()),
        "courses": visible(Course, request.actor, "people.read").filter(patient=row).order_by("-opened_at"),
        "appointments": visible(Appointment.objects.select_related("chair"), request.actor, "people.read")
        .filter(patient=row)
        .order_by("-starts_at")[:20],
        "clinical": _clinical(row) if clinical else None,
    }
    page["open_course"] = any(c.is_open for c in page["courses"])
    return render(request, "chart/patient.html", page)


def _clinical(row: Patient) -> dict[str, Any]:
    kept = (
        ("medicine", _("Medicines"), _("Add a medicine"), record.medicines(row)),
        ("allergy", _("Allergies"), _("Add an allergy"), record.allergies(row)),
        ("problem", _("Problems"), _("Add a problem"), record.problems(row)),
    )
    pack = knowledge.current()
    scores = Score.objects.filter(patient=row).order_by("-at")[:10]
    return {
        "kept": [_section(*section) for section in kept],
        "scores": [(s, pack.instruments[s.instrument].text.title) for s in scores],
    }


def _section(kind: str, title: str, add: str, rows: list) -> dict[str, Any]:
    active = [r for r in rows if r.status == "active"]
    return {
        "kind": kind,
        "title": title,
        "add": add,
        "active": active,
        "past": [r for r in rows if r.status != "active"],
    }


@portal
def portal_home(request: HttpRequest) -> HttpResponse:
    """One idea: where you are now, and the next thing to do."""
    now = timezone.now()
    courses = own_courses(request.actor)
    coming = (
        own(Appointment, request.actor)
        .filter(starts_at__gte=now, status=Appointment.Status.BOOKED)
        .order_by("starts_at")
        .first()
    )
    page = {
        "course": courses[0] if courses else None,
        "questions": len(own_open(request.actor, now)),
        "appointment": coming,
        "given_name": request.actor.patient.given_name,
    }
    return render(request, "chart/portal.html", page)
