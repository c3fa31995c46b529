"""The whole person, the whole course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.audit.verify import end_of_seals, faults
from serein_web.chart import trail
from serein_web.chart.actions import open_in_emergency
from serein_web.chart.downtime import sheets
from serein_web.chart.forms import EmergencyForm
from serein_web.chart.story import stage_links, story
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for, own_courses
from serein_web.followup.queries import own_open
from serein_web.people.access import clinic, found, own, portal, visible
from serein_web.people.middleware import crisis_lines_of
from serein_web.people.models import Patient, Site
from serein_web.record import queries as record
from serein_web.record.identity import age
from serein_web.record.models import Score
from serein_web.schedule.models import Appointment
from serein_web.tasks.models import Task
from serein_web.tasks.queries import URGENCY

SHOWN = 300  # lines of the trail on a patient's page
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
        "site": request.actor.patient.site,
    }
    return render(request, "chart/portal.html", page)


@clinic("audit.read")
def trail_of_course(request: HttpRequest, course_id) -> HttpResponse:
    """Who saw and who changed what on a course, in sentences, and whether its chains are whole."""
    row = course_for(request.actor, "audit.read", course_id)
    chains = trail.chains_of(row)
    page = {
        "course": row,
        "lines": trail.lines(chains),
        "faults": [fault for chain in chains for fault in faults(chain)],
    }
    return render(request, "chart/trail.html", page)


@clinic("audit.read")
def trail_as_csv(request: HttpRequest, course_id) -> HttpResponse:
    row = course_for(request.actor, "audit.read", course_id)
    found = trail.lines(trail.chains_of(row))
    headers = {"Content-Disposition": f'attachment; filename="audit-{row.id}.csv"'}
    return StreamingHttpResponse(trail.as_csv(found), content_type="text/csv; charset=utf-8", headers=headers)


@clinic("audit.read")
def whole_trail(request: HttpRequest) -> HttpResponse:
    """The whole trail of the database, verified when it is asked for."""
    asked = request.method == "POST"
    page = {"asked": asked, "faults": faults() if asked else [], "end": end_of_seals(), "now": timezone.now()}
    return render(request, "chart/whole_trail.html", page)


@portal
def who_looked(request: HttpRequest) -> HttpResponse:
    """Every member of staff who has looked at or changed what is kept of the patient who asks."""
    chains = trail.chains_of_patient(request.actor.patient)
    return render(request, "chart/who_looked.html", {"lines": trail.lines(chains, limit=SHOWN)})


@clinic("session.read")
def downtime(request: HttpRequest) -> HttpResponse:
    """The sheets of today at the actor's sites, to be printed before they are needed."""
    sites = Site.objects.filter(id__in=request.actor.sites("session.read")).order_by("name")
    return render(request, "chart/downtime.html", downtime_page(sites, timezone.now()))


def downtime_page(sites: Iterable[Site], now: dt.datetime) -> dict[str, Any]:
    """What the sheets are drawn from."""
    pack = knowledge.current()
    found = [
        {"site": site, "sheets": sheets(site, now, pack), "crisis_lines": crisis_lines_of(site) or []}
        for site in sites
    ]
    return {"sites": found, "now": now}


@clinic("record.read")
def emergency(request: HttpRequest) -> HttpResponse:
    """Open the record of a patient of another site, for an hour, with a reason that others read."""
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        opened = open_in_emergency(by=request.actor, **form.cleaned_data)
        if not isinstance(opened, Refusal):
            return redirect("chart:patient", opened.patient_id)
        form.refuse(opened)
    return render(request, "chart/emergency.html", {"form": form}, status=400 if form.errors else 200)
