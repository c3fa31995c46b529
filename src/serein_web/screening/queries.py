"""Reading screening: the decision as it stands now, and how it stood."""

from __future__ import annotations

import datetime as dt

from serein.pathway import screening as core
from serein.safety import Decision
from serein.safety.decision import canonical, from_json
from serein.safety.evaluate import replay
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.record.models import Document
from serein_web.record.queries import statements
from serein_web.screening.models import ConsultationNote, DecisionRecord, OverrideRecord


def overrides(course: Course) -> list[OverrideRecord]:
    return list(OverrideRecord.objects.filter(course=course, withdrawn_at=None).order_by("at"))


def decision_now(course: Course, at: dt.datetime) -> Decision:
    """The decision on everything recorded up to now."""
    return core.decide(
        statements=statements(course.patient),
        product=course.product,
        route=course.route,
        jurisdiction=course.site.jurisdiction,
        at=at,
        knowledge=knowledge.current(),
        overrides=[row.as_core() for row in overrides(course)],
        not_understood=not_understood(course),
    )


def work_up_now(course: Course, at: dt.datetime) -> Decision:
    """What is still to be done before the first dose, and the results that speak. It stands beside the decision."""
    return core.work_up(
        statements=statements(course.patient),
        product=course.product,
        route=course.route,
        jurisdiction=course.site.jurisdiction,
        at=at,
        knowledge=knowledge.current(),
    )


def not_understood(course: Course) -> tuple[str, ...]:
    """What no rule understood in the files imported for this patient."""
    documents = Document.objects.filter(patient=course.patient, kind="fhir").order_by("recorded_at")
    return tuple(line for row in documents for line in row.summary.get("not_understood", []))


def replayed(row: DecisionRecord) -> str:
    """Whether today's engine comes to the same on the same knowledge: "same", "different" or "not here"."""
    pack = knowledge.of_hash(row.knowledge)
    if pack is None:
        return "not here"
    again = replay(from_json(row.canonical.encode()), pack)
    return "same" if canonical(again).decode() == row.canonical else "different"


def note_of(course: Course) -> ConsultationNote | None:
    """The note being written, else the last one signed."""
    rows = ConsultationNote.objects.filter(course=course).prefetch_related("addenda")
    return rows.filter(signed_at=None).first() or rows.order_by("-signed_at").first()
