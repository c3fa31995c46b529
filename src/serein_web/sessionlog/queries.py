"""Reading sessions and their logs."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from serein.knowledge import Knowledge
from serein.logic import Statement
from serein.pathway.session import Entry as CoreEntry
from serein.pathway.session import SessionState, course_statements, fold, without_loosening
from serein.pathway.session import statements as log_statements
from serein.safety.decision import Decision, from_json
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.people.access import Actor, found, visible
from serein_web.people.models import Patient
from serein_web.record.queries import statements as record_statements
from serein_web.sessionlog.models import Entry, Judgement, Session
from serein_web.tasks.queries import blocking


def session_for(actor: Actor, permission: str, session_id: UUID) -> Session:
    """A session that this member of staff may reach, or 404."""
    rows = Session.objects.select_related("course", "patient", "site", "chair")
    return found(visible(rows, actor, permission), id=session_id)


def sessions(course: Course) -> list[Session]:
    """The sessions of a course, first to last."""
    return list(Session.objects.filter(course=course).select_related("chair").order_by("number"))


def running(course: Course) -> Session | None:
    return Session.objects.filter(course=course, status=Session.Status.RUNNING).first()


def latest(course: Course) -> Session | None:
    """The session that runs, or the last one."""
    return Session.objects.filter(course=course).order_by("-number").first()


def entries(session: Session) -> list[CoreEntry]:
    """The whole log in the order in which it was kept."""
    return [row.as_core() for row in Entry.objects.filter(session=session).order_by("seq")]


def state(session: Session) -> SessionState:
    return fold(entries(session))


def doses(course: Course) -> list[tuple[dt.datetime, float]]:
    """(start, mg given) of every dose of a course, first to last. A dose that runs counts with what is charted."""
    rows = Session.objects.filter(course=course, dosing_started_at__isnull=False)
    return [(row.dosing_started_at, row.given_mg or 0.0) for row in rows.order_by("dosing_started_at")]


def last_dose(course: Course) -> dt.datetime | None:
    """When the last dose of a course ended, or began if it still runs; None before the first."""
    spans_ = dose_spans(course=course)
    return max((end for _, end in spans_), default=None)


def dose_spans(
    *, course: Course | None = None, patient: Patient | None = None, without: Session | None = None
) -> list[tuple[dt.datetime, dt.datetime]]:
    """(start, end) of the doses of a course, or of every course of a patient. A running one ends at its start."""
    rows = Session.objects.filter(dosing_started_at__isnull=False)
    if course is not None:
        rows = rows.filter(course=course)
    if patient is not None:
        rows = rows.filter(patient=patient)
    if without is not None:
        rows = rows.exclude(id=without.id)
    return [
        (row.dosing_started_at, row.dosing_ended_at or row.dosing_started_at)
        for row in rows.order_by("dosing_started_at")
    ]


def order_of(session: Session, at: dt.datetime) -> dict[str, Any]:
    """The body of the order that holds, or nothing."""
    row = standing(session.course, "order", at)
    return dict(row.body) if row is not None else {}


def statements_of(
    session: Session, log: SessionState, knowledge: Knowledge, at: dt.datetime
) -> tuple[Statement, ...]:
    """All that is known for a decision in this session: the record, the log, and what the programme knows."""
    course = session.course
    programme = course_statements(
        at=at,
        asked_from=session.started_at,
        order_valid=standing(course, "order", at) is not None,
        consent_valid=standing(course, "consent", at) is not None,
        acceptance_valid=standing(course, "decision", at) is not None,
        open_safety_task=bool(blocking(course.id, course.patient_id)),
        doses=dose_spans(patient=session.patient, without=session),
        course_doses=dose_spans(course=course, without=session),
    )
    stated = (
        *record_statements(session.patient),
        *log_statements(log, knowledge, at, order=order_of(session, at)),
    )
    return (*without_loosening(stated, programme), *programme)


def judgements(session: Session) -> list[tuple[Judgement, Decision]]:
    """The decisions that opened the gate and the door, oldest first."""
    rows = Judgement.objects.filter(session=session).order_by("at")
    return [(row, from_json(row.decision.encode())) for row in rows]
