"""What a letter can tell of a course, part by part. A part that the author does not tick is not told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from serein.knowledge import Knowledge
from serein_web.courses.models import Course
from serein_web.outcomes.queries import outcomes
from serein_web.outcomes.shown import sentence
from serein_web.record.models import AdverseEvent
from serein_web.record.queries import medicines
from serein_web.sessionlog.models import Session
from serein_web.ui.templatetags.serein import date_long, quantity

Part = dict[str, Any]


def treatment(course: Course, knowledge: Knowledge) -> list[str]:
    lines = [f"{course.get_product_display()}, {course.route}", course.indication]
    order = course.standings.filter(kind="order").order_by("-recorded_at").first()
    if order is not None and order.body.get("dose_mg"):
        lines.append(_("Dose ordered: %(dose)s") % {"dose": quantity(order.body["dose_mg"], "mg")})
    if course.end_reason:
        lines.append(course.end_reason)
    return lines


def sessions(course: Course, knowledge: Knowledge) -> list[str]:
    rows = Session.objects.filter(course=course, dosing_started_at__isnull=False).order_by("number")
    return [
        _("Session %(n)d, %(day)s: %(dose)s")
        % {
            "n": row.number,
            "day": date_long(row.dosing_started_at),
            "dose": quantity(round(row.given_mg or 0.0, 1), "mg"),
        }
        for row in rows
    ]


def scores(course: Course, knowledge: Knowledge) -> list[str]:
    return [f"{o.instrument.text.title}: {sentence(o)}" for o in outcomes(course, knowledge)]


def unwanted(course: Course, knowledge: Knowledge) -> list[str]:
    rows = AdverseEvent.objects.filter(
        patient_id=course.patient_id, course_id=course.id, superseded_by=None
    ).order_by("at")
    return [
        _("%(term)s, grade %(grade)d, %(day)s")
        % {"term": row.term, "grade": row.grade, "day": date_long(row.at)}
        for row in rows
    ]


def taken(course: Course, knowledge: Knowledge) -> list[str]:
    rows = [m for m in medicines(course.patient) if m.status == "active"]
    return [f"{m.display}{', ' + m.dose if getattr(m, 'dose', '') else ''}" for m in rows]


PARTS: dict[str, tuple[str, Callable[[Course, Knowledge], list[str]]]] = {
    "treatment": (gettext_lazy("Treatment"), treatment),
    "sessions": (gettext_lazy("Sessions"), sessions),
    "scores": (gettext_lazy("Questionnaires"), scores),
    "unwanted": (gettext_lazy("Unwanted effects"), unwanted),
    "medicines": (gettext_lazy("Medicines that we know of"), taken),
}
USUAL = {
    "start": ("treatment", "medicines"),
    "change": ("treatment", "unwanted", "medicines"),
    "end": ("treatment", "sessions", "scores", "unwanted"),
}


def body(course: Course, knowledge: Knowledge, parts: list[str], words: str) -> list[Part]:
    """The letter's sections: what the author wrote, then each ticked part that has something to say."""
    written = [line for line in words.splitlines() if line.strip()]
    found: list[Part] = [{"title": "", "lines": written}] if written else []
    for key, (title, tell) in PARTS.items():
        if key in parts:
            lines = tell(course, knowledge)
            found.append({"title": str(title), "lines": lines or [_("Nothing to tell.")]})
    return found
