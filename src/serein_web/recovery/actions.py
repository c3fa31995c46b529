"""The only writers of the recovery stage: what is charted before leaving, and leaving."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from serein.errors import Refusal
from serein.knowledge import Knowledge
from serein.monitoring import recovery_score
from serein.pathway.recovery import discharge
from serein.pathway.session import SessionState
from serein.safety.decision import Decision
from serein_web.audit.action import action
from serein_web.courses.actions import move, publish
from serein_web.people.access import Actor
from serein_web.people.models import Role
from serein_web.schedule.actions import set_status
from serein_web.schedule.models import Appointment
from serein_web.sessionlog import actions as log
from serein_web.sessionlog.models import Entry, Session
from serein_web.sessionlog.queries import state, statements_of
from serein_web.tasks.actions import raise_task

# Deadlines of the clinic's work, not clinical numbers.
CALL_WITHIN = dt.timedelta(hours=24)
TELL_WITHIN = dt.timedelta(hours=1)


def discharge_of(
    session: Session, log_state: SessionState, knowledge: Knowledge, at: dt.datetime
) -> Decision:
    """The decision on leaving as it stands at an instant."""
    return discharge(
        statements_of(session, log_state, knowledge, at),
        knowledge,
        product=session.product,
        route=session.route,
        at=at,
        jurisdiction=session.site.jurisdiction,
        overrides=log_state.overrides,
    )


@action
def chart(
    *,
    by: Actor,
    session: Session,
    kind: str,
    body: dict[str, Any],
    knowledge: Knowledge,
    at: dt.datetime | None = None,
    id: UUID | None = None,
) -> Entry | Refusal:
    """Add an entry to the session's log."""
    return log.append(by=by, session=session, kind=kind, body=body, knowledge=knowledge, at=at, id=id)


@action
def score_aldrete(
    *,
    by: Actor,
    session: Session,
    points: dict[str, int],
    knowledge: Knowledge,
    at: dt.datetime | None = None,
    id: UUID | None = None,
) -> Entry | Refusal:
    """Chart a modified Aldrete score from its five items."""
    total = recovery_score.score(points, knowledge)
    if isinstance(total, Refusal):
        return total
    body = {"values": {"aldrete_total": total}}
    return log.append(
        by=by, session=session, kind="observation", body=body, knowledge=knowledge, at=at, id=id
    )


@action
def leave(
    *,
    by: Actor,
    session: Session,
    how: str,
    knowledge: Knowledge,
    reason: str = "",
    warning_given: bool | None = None,
    prescriber_told: str = "",
    at: dt.datetime | None = None,
    id: UUID | None = None,
) -> Entry | Refusal:
    """The person leaves. Only a discharge waits for its criteria; every other way is open at any moment."""
    left_at = at or timezone.now()
    Session.objects.select_for_update(of=("self",)).get(id=session.id)
    again = id is not None and Entry.objects.filter(id=id, session=session).exists()
    body = {"how": how, "reason": reason, "warning_given": warning_given, "prescriber_told": prescriber_told}
    log_state = state(session)
    decision = discharge_of(session, log_state, knowledge, left_at) if how == "discharged" else None
    entry = log.append(
        by=by,
        session=session,
        kind="departure",
        body=body,
        knowledge=knowledge,
        at=left_at,
        id=id,
        decision=decision,
    )
    if isinstance(entry, Refusal):
        return entry
    if not again:
        _after(by, session, how, left_at, prescriber_told)
    return entry


def _after(by: Actor, session: Session, how: str, left_at: dt.datetime, prescriber_told: str) -> None:
    """What follows from leaving: the course goes on, the others are told, somebody calls."""
    session.refresh_from_db()
    if how == "died":
        move(by=by, course=session.course, name="end", reason="died in the session")
    elif how != "not-dosed":
        # A withdrawn consent may have moved the course meanwhile: leaving is recorded all the same.
        move(by=by, course=session.course, name="departed")
    _leave_appointment(by, session)
    if how != "not-dosed":
        _publish(by, session, how, left_at)
    if how in {"left-before-criteria", "transferred"}:
        _raise_tasks(by, session, how, left_at, prescriber_told)


def _publish(by: Actor, session: Session, how: str, left_at: dt.datetime) -> None:
    publish(
        by=by,
        course=session.course,
        kind="departure",
        source_id=session.id,
        body={
            "how": how,
            "at": left_at.isoformat(),
            "session": str(session.id),
            "number": session.number,
            "given_mg": session.given_mg,
            "dosing_started_at": _iso(session.dosing_started_at),
            "dosing_ended_at": _iso(session.dosing_ended_at),
            "outcome": session.outcome,
        },
    )


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _leave_appointment(by: Actor, session: Session) -> None:
    appointment = Appointment.objects.filter(
        patient=session.patient_id,
        kind=Appointment.Kind.SESSION,
        status__in=[Appointment.Status.IN_CHAIR, Appointment.Status.ARRIVED],
    ).first()
    if appointment is not None:
        set_status(by=by, appointment=appointment, status=Appointment.Status.LEFT)


def _raise_tasks(by: Actor, session: Session, how: str, left_at: dt.datetime, prescriber_told: str) -> None:
    titles = {
        "left-before-criteria": "Call: left before the criteria held",
        "transferred": "Call: transferred from the session",
    }
    task = {
        "by": by,
        "site": session.site,
        "patient": session.patient,
        "course_id": session.course_id,
    }
    raise_task(
        **task,
        kind="call",
        title=titles[how],
        role=Role.NURSE,
        deadline=left_at + CALL_WITHIN,
        key=f"departure-call:{session.id}",
    )
    if not prescriber_told.strip():
        raise_task(
            **task,
            kind="clinical",
            title="Read how the session ended: no prescriber was told",
            role=Role.PRESCRIBER,
            deadline=left_at + TELL_WITHIN,
            key=f"departure-told:{session.id}",
        )
