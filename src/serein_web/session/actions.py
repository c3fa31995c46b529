"""The only writers of the session stage. Every write is an entry of the session log."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge
from serein.pathway.screening import decide, refuse_excluded
from serein.pathway.session import SessionState, baseline_of, charted_late, gate
from serein.safety.decision import Decision
from serein_web.audit.action import action
from serein_web.courses.actions import locked, move
from serein_web.courses.models import Course
from serein_web.people.access import Actor
from serein_web.people.models import Role
from serein_web.schedule.actions import set_status
from serein_web.schedule.models import Appointment, Chair
from serein_web.schedule.queries import day_bounds
from serein_web.sessionlog import actions as log
from serein_web.sessionlog.models import Entry, Session
from serein_web.sessionlog.queries import order_of, state, statements_of
from serein_web.tasks.actions import raise_task

READ_WITHIN = dt.timedelta(hours=1)  # an office deadline, not a clinical number


@action
def open_session(
    *, by: Actor, course: Course, chair: Chair | None = None, at: dt.datetime | None = None
) -> Session | Refusal:
    """Open the session of a course with a valid order; its appointment today, if there is one, is in the chair."""
    session = log.open_session(by=by, course=course, chair=chair, at=at)
    if isinstance(session, Refusal):
        return session
    appointment = _todays(session)
    if appointment is not None:
        for status in (Appointment.Status.ARRIVED, Appointment.Status.IN_CHAIR):
            set_status(by=by, appointment=appointment, status=status)
    return session


def _todays(session: Session) -> Appointment | None:
    """The appointment for this session on the site's calendar day, if one was booked."""
    day = timezone.localtime(session.started_at, ZoneInfo(session.site.time_zone)).date()
    start, end = day_bounds(session.site, day)
    rows = Appointment.objects.filter(
        patient=session.patient_id,
        kind=Appointment.Kind.SESSION,
        status__in=[Appointment.Status.BOOKED, Appointment.Status.ARRIVED],
        starts_at__gte=start,
        starts_at__lt=end,
    )
    return rows.order_by("starts_at").first()


def gate_of(session: Session, log_state: SessionState, knowledge: Knowledge, at: dt.datetime) -> Decision:
    """The decision of the day as it stands at an instant."""
    return gate(
        statements_of(session, log_state, knowledge, at),
        knowledge,
        product=session.product,
        route=session.route,
        at=at,
        jurisdiction=session.site.jurisdiction,
        overrides=log_state.overrides,
    )


def excluded_now(
    session: Session, log_state: SessionState, knowledge: Knowledge, at: dt.datetime
) -> Refusal | None:
    """The absolute exclusion that became known after the acceptance, if one holds at this instant."""
    return refuse_excluded(
        decide(
            statements=statements_of(session, log_state, knowledge, at),
            product=session.product,
            route=session.route,
            jurisdiction=session.site.jurisdiction,
            at=at,
            knowledge=knowledge,
        )
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
    corrects: UUID | None = None,
) -> Entry | Refusal:
    """Add an entry to the log. Starting and stopping the dose do more: they have their own way here."""
    if corrects is None and kind == "dosing-start":
        late = str(body.get("charted_late", ""))
        return start(by=by, session=session, knowledge=knowledge, at=at, id=id, late=late)
    if corrects is None and kind == "dosing-stop":
        return stop(by=by, session=session, body=body, knowledge=knowledge, at=at, id=id)
    return log.append(
        by=by, session=session, kind=kind, body=body, knowledge=knowledge, at=at, id=id, corrects=corrects
    )


@action
def start(
    *,
    by: Actor,
    session: Session,
    knowledge: Knowledge,
    at: dt.datetime | None = None,
    id: UUID | None = None,
    late: str = "",
) -> Entry | Refusal:
    """Begin the dose that two persons have read, if the gate is open now.

    A dose that began a while ago cannot be let through or held back any more. It is recorded with the reason why it
    is charted only now, what the gate would have said then is kept, and a prescriber is told.
    """
    # Locked before the gate is judged: a withdrawal or a reading that comes at the same moment is seen, or waits.
    Session.objects.select_for_update(of=("self",)).get(id=session.id)
    locked(session.course)
    now = timezone.now()
    began, log_state = at or now, state(session)
    report = charted_late(began, now)
    if report and not late.strip():
        return refuse(Reason.NEEDS_REASON, "charting a start afterwards")
    excluded = None if report else excluded_now(session, log_state, knowledge, now)
    if excluded is not None:
        return excluded
    if not log_state.settings:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "starting the dose",
            "nobody has read dose and pump",
            next="Two persons read dose and pump settings first.",
        )
    decision = gate_of(session, log_state, knowledge, began if report else now)
    body = _as_read(session, log_state, began) | {"baseline": baseline_of(decision, knowledge)}
    entry = log.append(
        by=by,
        session=session,
        kind="dosing-start",
        body=body | ({"charted_late": late.strip()} if report else {}),
        knowledge=knowledge,
        at=began,
        id=id,
        decision=decision,
    )
    if report and not isinstance(entry, Refusal):
        _tell_of_late_start(by, session, now)
    return entry


def _tell_of_late_start(by: Actor, session: Session, now: dt.datetime) -> None:
    raise_task(
        by=by,
        site=session.site,
        patient=session.patient,
        course_id=session.course_id,
        kind="clinical",
        title="A dose was charted after it had begun: read why, and what the gate would have said",
        role=Role.PRESCRIBER,
        deadline=now + READ_WITHIN,
        key=f"late-start:{session.id}",
    )


def _as_read(session: Session, log_state: SessionState, at: dt.datetime) -> dict[str, Any]:
    """What was read, not what was ordered: the gate has seen to it that they agree."""
    read = log_state.settings[-1].body
    body: dict[str, Any] = {"product": read.product, "route": session.route, "dose_mg": read.dose_mg}
    if read.pump_ml_per_h and read.concentration_mg_per_ml:
        body["rate_mg_per_h"] = read.pump_ml_per_h * read.concentration_mg_per_ml
        over_min = order_of(session, at).get("over_min")
        if over_min:
            body["over_min"] = over_min
    return body


@action
def stop(
    *,
    by: Actor,
    session: Session,
    body: dict[str, Any],
    knowledge: Knowledge,
    at: dt.datetime | None = None,
    id: UUID | None = None,
) -> Entry | Refusal:
    """Stop the dose. Nothing stands in the way; the course goes on to recovery if it still can."""
    entry = log.append(
        by=by, session=session, kind="dosing-stop", body=body, knowledge=knowledge, at=at, id=id
    )
    if not isinstance(entry, Refusal):
        move(by=by, course=session.course, name="dosing-ended")
    return entry
