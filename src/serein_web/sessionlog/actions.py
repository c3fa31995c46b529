"""The only writers of the session log."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge
from serein.monitoring.alarms import Raise, Resolve, on_acknowledgement, on_reading
from serein.monitoring.readings import check_values
from serein.pathway.session import (
    NOT_STATED,
    SessionState,
    charted_late,
    fold,
    monitoring_rules,
    parse_entry,
    refuse_now,
    statements,
)
from serein.pathway.session import (
    Entry as CoreEntry,
)
from serein.safety.decision import Decision, canonical
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.people.access import SEREIN, Actor
from serein_web.record.actions import add_adverse_event
from serein_web.record.models import AdverseEvent
from serein_web.schedule.models import Chair
from serein_web.sessionlog.models import Entry, Judgement, Reading, Session
from serein_web.sessionlog.queries import entries as entries_of


@action
def open_session(
    *, by: Actor, course: Course, chair: Chair | None = None, at: dt.datetime | None = None
) -> Session | Refusal:
    """Open a session of a course that has a valid order. A patient has one running session, a chair holds one."""
    now = timezone.now()
    row = Course.objects.select_for_update(of=("self",)).select_related("patient").get(id=course.id)
    if row.state != "session":
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "session",
            f"the course is in {row.state}",
            next="Look at the course's stage.",
        )
    if standing(row, "order", at or now) is None:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "session",
            "no signed order is valid now",
            next="A prescriber signs an order first.",
        )
    if Session.objects.filter(patient=row.patient, status=Session.Status.RUNNING).exists():
        return refuse(Reason.ALREADY_DONE, "opening a session for this patient", row.patient.name)
    try:
        with transaction.atomic():
            session = Session.objects.create(
                site_id=row.site_id,
                patient=row.patient,
                course=row,
                chair=chair,
                number=Session.objects.filter(course=row).count() + 1,
                product=row.product,
                route=row.route,
                started_at=at or now,
            )
    except IntegrityError:
        what = chair.name if chair else row.patient.name
        return refuse(Reason.ALREADY_DONE, "opening a session here", what)
    _audit(session, by, "session.open", number=session.number)
    return session


@action
def append(
    *,
    by: Actor,
    session: Session,
    kind: str,
    body: dict[str, Any],
    knowledge: Knowledge,
    at: dt.datetime | None = None,
    id: uuid.UUID | str | None = None,
    corrects: uuid.UUID | str | None = None,
    decision: Decision | None = None,
    device: str = "",
    clock_source: str = "server",
    offset_ms: int = 0,
) -> Entry | Refusal:
    """Add one entry, or say why not. The same `id` twice is one entry.

    Starting the dose and discharging need the `decision` that opens them; it is kept with the entry. A start that
    is only charted afterwards needs none: it says why, and what was known is kept all the same. An
    observation is judged for alarms in the same transaction, and an alarm is an entry by Serein.
    """
    now = timezone.now()
    row = (
        Session.objects.select_for_update(of=("self",)).select_related("course", "patient").get(id=session.id)
    )
    raw = {
        "id": str(id or uuid.uuid4()),
        "kind": kind,
        "at": at or now,
        "recorded_at": now,
        "body": body,
        "by": str(by.id),
        "by_name": by.name,
        "device": device,
        "clock_source": clock_source,
        "offset_ms": offset_ms,
        "corrects": str(corrects) if corrects else None,
    }
    entry = parse_entry(raw)
    if isinstance(entry, Refusal):
        return entry
    kept = Entry.objects.filter(id=entry.id).first()
    if kept is not None:
        same = (kept.session_id, kept.kind, kept.body) == (row.id, entry.kind, entry.body)
        return kept if same else refuse(Reason.DUPLICATE, "entry", f"{kept.kind} at {kept.at:%H:%M} UTC")
    refused = _refused(row, by, entry, knowledge, decision)
    if refused is not None:
        return refused
    written = _write(row, by, entry)
    if isinstance(written, Refusal):
        return written
    if decision is not None:
        _keep(row, by, decision, entry.at)
    if written.kind in {"observation", "retracted", "alarm-acknowledged"}:
        _judge_alarms(row, entry, knowledge, now)
    _remember(row, now)
    session.refresh_from_db()
    return written


def _refused(
    row: Session, by: Actor, entry: CoreEntry, knowledge: Knowledge, decision: Decision | None
) -> Refusal | None:
    if entry.kind in {"alarm", "alarm-resolved"}:
        return refuse(
            Reason.NOT_ALLOWED_FOR_ROLE, entry.kind, by.name, allowed="nobody: Serein raises alarms"
        )
    if entry.kind == "override" and not by.is_prescriber(row.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "going on in spite of a finding", "", allowed="prescriber")
    if entry.kind == "observation":
        foreign = sorted(NOT_STATED & entry.body["values"].keys())
        if foreign:
            return refuse(Reason.UNKNOWN_KEY, "reading", f"{foreign[0]} is not charted as a reading")
        wrong = check_values(entry.body["values"], knowledge)
        if wrong is not None:
            return wrong
    return refuse_now(entries_of(row), entry) or _unopened(row, entry, decision)


def _unopened(row: Session, entry: CoreEntry, decision: Decision | None) -> Refusal | None:
    """What only a decision opens: the dose, the discharge, and a way home without a dose after one was given."""
    how = entry.body.get("how") if entry.kind == "departure" else None
    if how == "not-dosed" and row.dosing_started_at is not None:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "leaving without a dose",
            "a dose was given",
            next="Say how the person left.",
        )
    stage = {"dosing-start": "session"}.get(entry.kind) if entry.corrects is None else None
    stage = "recovery" if how == "discharged" else stage
    if (
        stage == "session"
        and charted_late(entry.at, entry.recorded_at)
        and entry.body["charted_late"].strip()
    ):
        return None
    if stage is None:
        return None
    asked = decision.question if decision is not None else None
    if (
        decision is None
        or decision.conclusion != "eligible"
        or (asked.stage, asked.product, asked.route) != (stage, row.product, row.route)
    ):
        what = "starting the dose" if stage == "session" else "discharge"
        why = decision.conclusion if decision is not None else "not judged"
        return refuse(Reason.NOT_ALLOWED_NOW, what, why, next="See what is missing or holds, and settle it.")
    return None


def _write(row: Session, by: Actor, entry: CoreEntry) -> Entry | Refusal:
    """The row of an entry with its place in the log, its readings, its adverse event and its audit event."""
    row.last_seq += 1
    event = _adverse_event(row, by, entry)
    if isinstance(event, Refusal):
        return event
    written = Entry.objects.create(
        id=entry.id,
        session=row,
        site_id=row.site_id,
        seq=row.last_seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        body=entry.body,
        by=entry.by,
        by_name=entry.by_name,
        device=entry.device,
        clock_source=entry.clock_source,
        offset_ms=entry.offset_ms,
        corrects=entry.corrects,
        adverse_event_id=event.id if event else None,
    )
    if entry.kind == "observation":
        Reading.objects.bulk_create(_readings(written))
    Session.objects.filter(id=row.id).update(last_seq=row.last_seq)
    _audit(row, by, f"session.{entry.kind}", entry=entry.id, seq=row.last_seq)
    return written


def _readings(written: Entry) -> list[Reading]:
    return [
        Reading(
            entry=written,
            session_id=written.session_id,
            site_id=written.site_id,
            fact=fact,
            value=value,
            at=written.at,
        )
        for fact, value in written.body["values"].items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _adverse_event(row: Session, by: Actor, entry: CoreEntry) -> AdverseEvent | Refusal | None:
    """A symptom is an adverse event of the record. Its correction follows it; a retraction ends it as an error."""
    before = _event_corrected(row, entry)
    if entry.kind == "symptom":
        symptom = entry.parsed()
        return add_adverse_event(
            by=by,
            patient=row.patient,
            course_id=row.course_id,
            session_id=row.id,
            term=symptom.term,
            grade=symptom.grade,
            at=symptom.onset,
            ended_at=symptom.end,
            action_taken=symptom.action,
            supersedes=before,
        )
    if entry.kind == "retracted" and before is not None:
        return add_adverse_event(
            by=by,
            patient=row.patient,
            course_id=row.course_id,
            session_id=row.id,
            term=before.term,
            grade=before.grade,
            at=before.at,
            ended_at=before.at,
            action_taken=f"entered in error: {entry.body['reason']}"[:500],
            supersedes=before,
        )
    return None


def _event_corrected(row: Session, entry: CoreEntry) -> AdverseEvent | None:
    """The newest adverse event of the symptom that an entry corrects."""
    if entry.corrects is None:
        return None
    chain, ids = {entry.corrects}, list(Entry.objects.filter(session=row).order_by("seq"))
    for other in ids:
        if other.corrects and str(other.corrects) in chain:
            chain.add(str(other.id))
    events = [o.adverse_event_id for o in ids if str(o.id) in chain and o.adverse_event_id]
    return AdverseEvent.objects.get(id=events[-1]) if events else None


def _judge_alarms(row: Session, entry: CoreEntry, knowledge: Knowledge, now: dt.datetime) -> None:
    state = fold(entries_of(row))
    rules = monitoring_rules(knowledge, product=row.product, route=row.route, at=now)
    said = statements(state, knowledge, max(now, entry.at))
    if entry.kind == "observation":
        changes: tuple[Raise | Resolve, ...] = on_reading(
            rules,
            state.alarms,
            said,
            knowledge,
            touched=frozenset(entry.body["values"]),
            at=entry.at,
            now=max(now, entry.at),
        )
    else:
        changes = on_acknowledgement(rules, state.alarms, said, knowledge, now=now)
    for change in changes:
        _write(row, SEREIN, _alarm_entry(change, entry, now))


def _alarm_entry(change: Raise | Resolve, cause: CoreEntry, now: dt.datetime) -> CoreEntry:
    raises = isinstance(change, Raise)
    body: dict[str, Any] = {"because": list(change.because)}
    body |= {"rule": change.rule, "priority": change.priority} if raises else {"alarm": change.alarm}
    return CoreEntry(
        id=str(uuid.uuid4()),
        kind="alarm" if raises else "alarm-resolved",
        at=cause.at if raises else max(now, cause.at),
        recorded_at=now,
        body=body,
        by=SEREIN.id,
        by_name=SEREIN.name,
    )


def _keep(row: Session, by: Actor, decision: Decision, at: dt.datetime) -> None:
    Judgement.objects.create(
        session=row,
        site_id=row.site_id,
        stage=decision.question.stage,
        conclusion=decision.conclusion,
        decision=canonical(decision).decode(),
        knowledge=decision.knowledge,
        at=at,
        by=str(by.id),
        by_name=by.name,
    )


def _remember(row: Session, now: dt.datetime) -> None:
    """Repeat on the session's row what its fold says."""
    state: SessionState = fold(entries_of(row))
    left = state.departure
    Session.objects.filter(id=row.id).update(
        status=Session.Status.ENDED if left else Session.Status.RUNNING,
        ended_at=left.at if left else None,
        dosing_started_at=state.dosing_started_at,
        dosing_ended_at=state.dosing_ended_at or (left.at if left and state.start else None),
        given_mg=state.given_mg(now) if state.start else None,
        outcome=state.outcome or "",
    )


def _audit(row: Session, by: Actor, name: str, **payload: Any) -> None:
    trail.record(chain=f"session:{row.id}", by=by, action=name, subject=f"session:{row.id}", payload=payload)
