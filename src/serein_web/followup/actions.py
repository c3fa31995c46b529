"""The only writers of the follow-up stage."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.instruments import Score, parse_answers, parse_total, score
from serein.knowledge import Knowledge
from serein.pathway import ENDED
from serein.pathway import followup as core
from serein_web.audit.action import action
from serein_web.courses.actions import audit, locked, move
from serein_web.courses.models import Course
from serein_web.followup.models import QuestionnaireRequest
from serein_web.followup.queries import answers_kept, safety_key
from serein_web.people.access import Actor
from serein_web.people.links import digest_of, new_token
from serein_web.record import actions as record
from serein_web.record.models import AdverseEvent
from serein_web.record.models import Score as KeptScore
from serein_web.tasks.actions import raise_task

MOVES = ("next-session", "review")


@dataclass(frozen=True)
class NewLink:
    """A request and its token, which is told here and never again."""

    request: QuestionnaireRequest
    token: str


@action
def request_questionnaires(
    *, by: Actor, course: Course, id: UUID, instruments: list[str], knowledge: Knowledge
) -> NewLink | Refusal:
    """Ask for questionnaires. The same page sent twice stays one request; its newer link is the one that opens."""
    row = locked(course)
    if row.state == ENDED:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "sending questionnaires",
            "the course has ended",
            next="Begin a new course.",
        )
    chosen = core.asked_for(instruments, knowledge)
    if isinstance(chosen, Refusal):
        return chosen
    token, now = new_token(), timezone.now()
    kept = QuestionnaireRequest.objects.filter(id=id).first()
    if kept is not None:
        return _with_new_link(kept, row, token, now)
    made = QuestionnaireRequest.objects.create(
        id=id,
        site_id=row.site_id,
        patient=row.patient,
        course=row,
        instruments=[i.key for i in chosen],
        digest=digest_of(token),
        created_at=now,
        by=by.id,
        by_name=by.name,
        expires_at=now + core.link_valid_for(knowledge),
    )
    audit(row, by, "followup.request", request=str(made.id), instruments=made.instruments)
    return NewLink(made, token)


def _with_new_link(
    kept: QuestionnaireRequest, course: Course, token: str, now: dt.datetime
) -> NewLink | Refusal:
    if kept.course_id != course.id or not kept.is_open(now):
        return refuse(Reason.ALREADY_DONE, "sending these questionnaires", course.patient.name)
    kept.digest = digest_of(token)
    kept.save(update_fields=["digest"])
    return NewLink(kept, token)


@action
def cancel_request(*, by: Actor, request: QuestionnaireRequest) -> QuestionnaireRequest | Refusal:
    """The link opens nothing any more."""
    row = _locked(request)
    if row.answered_at or row.cancelled_at:
        return refuse(Reason.ALREADY_DONE, "this request", row.patient.name)
    row.cancelled_at, row.cancelled_by_name = timezone.now(), by.name
    row.save(update_fields=["cancelled_at", "cancelled_by_name"])
    audit(row.course, by, "followup.cancel", request=str(row.id))
    return row


def _locked(request: QuestionnaireRequest) -> QuestionnaireRequest:
    rows = QuestionnaireRequest.objects.select_for_update(of=("self",))
    return rows.select_related("patient", "site", "course").get(id=request.id)


@action
def answer(
    *, by: Actor, request: QuestionnaireRequest, answers: dict[str, list[str]], knowledge: Knowledge
) -> core.Reply | Refusal:
    """Keep the answers of a request, all of them or none. The very same answers sent again get the same reply."""
    row, now = _locked(request), timezone.now()
    scored = _scored(row, answers, knowledge)
    if isinstance(scored, Refusal):
        return scored
    reply = core.answer_to(core.worst(s.safety for s in scored), knowledge)
    if row.answered_at is not None and _same(row, scored):
        return reply
    if not row.is_open(now):
        return refuse(
            Reason.LAPSED, "this link", "", next="Ask your clinic for a new one if you want to answer."
        )
    for result in scored:
        kept = _keep(
            row.course,
            by,
            result,
            now,
            knowledge,
            request_id=row.score_id(result.instrument),
            source="patient",
        )
        if isinstance(kept, Refusal):
            return kept
    if reply.task is not None:
        _raise_safety_task(row, by, reply.task, now)
    row.answered_at = now
    row.save(update_fields=["answered_at"])
    audit(row.course, by, "followup.answer", request=str(row.id), told=reply.told)
    return reply


@action
def hear(
    *, by: Actor, request: QuestionnaireRequest, answers: dict[str, list[str]], knowledge: Knowledge
) -> core.Reply | None:
    """A positive safety item is heard whatever becomes of the rest: not sent yet, or sent to a closed link."""
    row, now = _locked(request), timezone.now()
    reply = core.heard(core.safeties(answers, knowledge), knowledge)
    if reply is not None and reply.task is not None:
        _raise_safety_task(row, by, reply.task, now, kept=False)
    return reply


def _scored(
    row: QuestionnaireRequest, answers: dict[str, list[str]], knowledge: Knowledge
) -> list[Score] | Refusal:
    scored = []
    for key in row.instruments:
        instrument = knowledge.instruments[key]
        parsed = parse_answers(instrument, answers.get(key, []))
        if isinstance(parsed, Refusal):
            return parsed
        scored.append(score(instrument, parsed))
    return scored


def _same(row: QuestionnaireRequest, scored: list[Score]) -> bool:
    kept = answers_kept(row)
    return all(s.instrument in kept and kept[s.instrument].answers == list(s.answers.values) for s in scored)


def _keep(
    course: Course,
    by: Actor,
    result: Score,
    at: dt.datetime,
    knowledge: Knowledge,
    *,
    request_id: UUID,
    source: str,
    taken_by: str = "",
) -> KeptScore | Refusal:
    """The score, and the facts that it states."""
    kept = record.add_score(
        by=by,
        patient=course.patient,
        course_id=course.id,
        instrument=result.instrument,
        answers=list(result.answers.values),
        total=result.total,
        band=result.band,
        prorated=result.prorated,
        safety=result.safety,
        at=at,
        knowledge=knowledge,
        request_id=request_id,
        parts=result.parts,
        taken_by=taken_by,
    )
    if isinstance(kept, Refusal):
        return kept
    title = knowledge.instruments[result.instrument].text.title
    how = f"answered by {by.name}" if source == "patient" else f"taken by {taken_by}, entered by {by.name}"
    stated = record.state_facts(
        by=by,
        patient=course.patient,
        values=core.facts_of(result, knowledge),
        at=at,
        source=source,
        knowledge=knowledge,
        because=f"{title} {how} on {at:%Y-%m-%d %H:%M} UTC",
    )
    return stated if isinstance(stated, Refusal) else kept


def _raise_safety_task(
    row: QuestionnaireRequest, by: Actor, task: core.SafetyTask, now: dt.datetime, *, kept: bool = True
) -> None:
    if task.asked:
        title = "Safety answer: speak with the patient now"
        body = "A questionnaire's safety item was positive."
    else:
        title = "Safety question left out: ask the patient"
        body = "A questionnaire's safety item was not answered. Not known is not no."
    if not kept:
        body += (
            " The questionnaire is not sent yet."
            if row.is_open(now)
            else " The link was closed: no score is kept."
        )
    raise_task(
        by=by,
        site=row.site,
        patient=row.patient,
        course_id=row.course_id,
        kind="safety",
        title=title,
        body=body,
        role=task.role,
        deadline=now + task.within,
        key=safety_key(row, asked=task.asked),
        blocks_next_dose=task.blocks_next_dose,
    )


@action
def enter_score(
    *,
    by: Actor,
    course: Course,
    id: UUID,
    instrument: str,
    total: str,
    parts: dict[str, str],
    at: dt.datetime,
    taken_by: str,
    knowledge: Knowledge,
) -> KeptScore | Refusal:
    """Keep a total that was taken elsewhere, with when and by whom. The same page sent twice is one score."""
    row = locked(course)
    known = knowledge.instruments.get(instrument)
    if known is None:
        return refuse(
            Reason.NOT_KNOWN_HERE, "questionnaire", instrument, allowed=", ".join(knowledge.instruments)
        )
    if not taken_by.strip():
        return refuse(Reason.MISSING, "taken by")
    parsed = parse_total(known, total, {key: value for key, value in parts.items() if value.strip()})
    if isinstance(parsed, Refusal):
        return parsed
    earlier = KeptScore.objects.filter(course_id=row.id, instrument=instrument)
    same = earlier.filter(request_id=id).first()
    if same is not None:
        return same
    if earlier.filter(at=at).exists():
        return refuse(Reason.DUPLICATE, "a score of this time", known.text.title)
    result = score(known, parsed)
    kept = _keep(row, by, result, at, knowledge, request_id=id, source="staff", taken_by=taken_by.strip())
    if isinstance(kept, Refusal):
        return kept
    task = core.answer_to(result.safety, knowledge).task
    if task is not None and not earlier.filter(at__gt=at).exists():
        raise_task(
            by=by,
            site=row.site,
            patient=row.patient,
            course_id=row.id,
            kind="safety",
            title=f"{known.text.title} {total.strip()}: speak with the patient now",
            body=f"Taken by {taken_by.strip()} on {at:%Y-%m-%d %H:%M} UTC, entered by {by.name}.",
            role=task.role,
            deadline=timezone.now() + task.within,
            key=f"followup-safety:{id}",
            blocks_next_dose=task.blocks_next_dose,
        )
    audit(row, by, "followup.enter-score", score=str(kept.id), instrument=instrument)
    return kept


@action
def go_on(*, by: Actor, course: Course, name: str) -> Course | Refusal:
    """To the next session, or to the review of outcomes."""
    if name not in MOVES:
        return refuse(Reason.NOT_A_CHOICE, "next step", name, allowed=", ".join(MOVES))
    return move(by=by, course=course, name=name)


@action
def add_adverse_event(
    *,
    by: Actor,
    course: Course,
    term: str,
    grade: int,
    at: dt.datetime,
    ended_at: dt.datetime | None,
    action_taken: str,
) -> AdverseEvent | Refusal:
    """An unwanted effect that was told between sessions. The same page sent twice is one event."""
    row = locked(course)
    same = AdverseEvent.objects.filter(
        patient=row.patient, course_id=row.id, term=term.strip(), grade=grade, at=at
    )
    if same.exists():
        return refuse(Reason.DUPLICATE, "this event", term)
    kept = record.add_adverse_event(
        by=by,
        patient=row.patient,
        course_id=row.id,
        term=term,
        grade=grade,
        at=at,
        ended_at=ended_at,
        action_taken=action_taken,
    )
    if not isinstance(kept, Refusal):
        audit(row, by, "followup.adverse-event", adverse_event=str(kept.id), grade=grade)
    return kept
