"""The sheets to go on with when Serein is not there: today's patients, and a blank chart for each.

Printed in the morning, or written to another machine by `serein-site downtime-sheets`. What is charted on paper is
entered afterwards with the times at which it happened; a dose that had begun says why it is charted late.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from serein import units
from serein.knowledge import Knowledge
from serein.pathway.session.due import span
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.people.models import Patient, Site
from serein_web.record import queries as record
from serein_web.schedule.models import Appointment
from serein_web.schedule.queries import day_bounds
from serein_web.sessionlog.models import Session

BLANK_ROWS = 18
COMING = {Appointment.Status.BOOKED, Appointment.Status.ARRIVED, Appointment.Status.IN_CHAIR}


@dataclass(frozen=True)
class Sheet:
    """One patient of the day, with all that a nurse needs on paper. `order` is the body of the one that stands."""

    patient: Patient
    starts_at: dt.datetime
    chair: str
    course: Course | None
    session_number: int
    order: dict[str, Any]
    consented: bool
    identifiers: list[str]
    allergies: list[str] | None
    medicines: list[str]
    readings: list[str]
    rows: list[str]
    """Minutes from the start of dosing at which the route asks for checks, then blank ones."""


def sheets(site: Site, now: dt.datetime, knowledge: Knowledge) -> list[Sheet]:
    """Everybody who comes today or is here, in the order of their times."""
    day = now.astimezone(ZoneInfo(site.time_zone)).date()
    start, end = day_bounds(site, day)
    rows = Appointment.objects.filter(site=site, starts_at__gte=start, starts_at__lt=end, status__in=COMING)
    rows = rows.select_related("patient", "chair").order_by("starts_at")
    return [_sheet(row, now, knowledge) for row in rows]


def _sheet(row: Appointment, now: dt.datetime, knowledge: Knowledge) -> Sheet:
    course = Course.objects.filter(patient=row.patient).exclude(state="ended").order_by("-opened_at").first()
    order = standing(course, "order", now) if course else None
    allergies = record.allergies(row.patient)
    route = knowledge.routes.get(course.route) if course else None
    return Sheet(
        patient=row.patient,
        starts_at=row.starts_at,
        chair=row.chair.name if row.chair else "",
        course=course,
        session_number=_number(course),
        order=dict(order.body) if order else {},
        consented=bool(course and standing(course, "consent", now)),
        identifiers=[i.value for i in row.patient.identifiers.all()],
        allergies=[a.display for a in allergies if a.status == "active"] if allergies else None,
        medicines=[m.display for m in record.medicines(row.patient) if m.status == "active"],
        readings=_readings(route, knowledge),
        rows=_minutes(route),
    )


def _number(course: Course | None) -> int:
    """The session that this is or will be."""
    if course is None:
        return 1
    rows = Session.objects.filter(course=course)
    return rows.count() + (0 if rows.filter(status=Session.Status.RUNNING).exists() else 1)


def _readings(route: Any, knowledge: Knowledge) -> list[str]:
    """The columns of the chart: what the route's checks measure, in their order."""
    keys = dict.fromkeys(k for check in (route.checks if route else ()) for k in check.readings)
    return [f"{knowledge.facts[k].text.ask}{_unit(knowledge.facts[k].unit)}" for k in keys]


def _unit(unit: str | None) -> str:
    return f" ({unit})" if unit and not unit.startswith("{") else ""


def _minutes(route: Any) -> list[str]:
    moments: set[dt.timedelta] = {dt.timedelta(0)}
    for check in route.checks if route else ():
        if check.phase == "dosing":
            moments |= {span(t) for t in check.at}
            if check.every:
                step, whole = span(check.every), span(route.delivery)
                moments |= {n * step for n in range(1, int(whole / step) + 1)}
    marks = [units.show(m.total_seconds() / 60) for m in sorted(moments)]
    return list(islice([*marks, *[""] * BLANK_ROWS], BLANK_ROWS))
