"""The sheets to go on with when Serein is not there: today's patients, and a blank chart for each.

Printed in the morning, or written to another machine by `serein-site downtime-sheets`. What is charted on paper is
entered afterwards with the times at which it happened; a dose that had begun says why it is charted late.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from serein import units
from serein.knowledge import Knowledge
from serein.pathway.session.due import span
from serein_web.courses.models import Course, Standing
from serein_web.people.models import Patient, Site
from serein_web.record import queries as record
from serein_web.record.models import Allergy, Kept, Medicine
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
    rows = list(
        rows.select_related("patient", "chair").prefetch_related("patient__identifiers").order_by("starts_at")
    )
    known = _Known(site, [row.patient_id for row in rows], now)
    return [_sheet(row, known, knowledge) for row in rows]


class _Known:
    """What is known of many patients at once, in a few queries however many they are."""

    def __init__(self, site: Site, patients: list[UUID], now: dt.datetime) -> None:
        courses = Course.objects.filter(site=site, patient__in=patients).exclude(state="ended")
        self.courses = {c.patient_id: c for c in courses.order_by("opened_at")}
        ids = [c.id for c in self.courses.values()]
        self.standings: dict[tuple[UUID, str], Standing] = {}
        newest = Standing.objects.filter(course__in=ids, kind__in=("order", "consent")).order_by(
            "recorded_at"
        )
        for row in newest:
            self.standings[row.course_id, row.kind] = row
        self.now = now
        self.numbers = Counter(Session.objects.filter(course__in=ids).values_list("course_id", flat=True))
        self.running = set(
            Session.objects.filter(course__in=ids, status="running").values_list("course_id", flat=True)
        )
        self.allergies = _by_patient(record.standing_of(Allergy, patients))
        self.medicines = _by_patient(record.standing_of(Medicine, patients))

    def standing(self, course: Course | None, kind: str) -> Standing | None:
        row = self.standings.get((course.id, kind)) if course else None
        return row if row and row.holds_at(self.now) else None


def _by_patient(rows: Iterable[Kept]) -> dict[UUID, list[Kept]]:
    found: dict[UUID, list[Kept]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def _sheet(row: Appointment, known: _Known, knowledge: Knowledge) -> Sheet:
    course = known.courses.get(row.patient_id)
    order = known.standing(course, "order")
    allergies = known.allergies.get(row.patient_id)
    route = knowledge.routes.get(course.route) if course else None
    return Sheet(
        patient=row.patient,
        starts_at=row.starts_at,
        chair=row.chair.name if row.chair else "",
        course=course,
        session_number=known.numbers[course.id] + (course.id not in known.running) if course else 1,
        order=dict(order.body) if order else {},
        consented=known.standing(course, "consent") is not None,
        identifiers=[i.value for i in row.patient.identifiers.all()],
        allergies=[a.display for a in allergies if a.status == "active"] if allergies else None,
        medicines=[m.display for m in known.medicines.get(row.patient_id, []) if m.status == "active"],
        readings=_readings(route, knowledge),
        rows=_minutes(route),
    )


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
