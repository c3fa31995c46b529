"""The story of a course in time order, gathered from every stage. The chart alone may read all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from serein.knowledge import Knowledge
from serein.safety.decision import from_json
from serein_web.courses.models import Course, Standing
from serein_web.decisions import shown
from serein_web.outcomes.models import Review
from serein_web.record.models import AdverseEvent, Document, Score
from serein_web.screening.models import ConsultationNote, DecisionRecord, OverrideRecord
from serein_web.sessionlog.models import Judgement, Session
from serein_web.sessionlog.words import OUTCOME_WORDS
from serein_web.tasks.models import Task
from serein_web.ui.templatetags.serein import quantity
from serein_web.ui.templatetags.ui import CONCLUSION_WORDS, STAGE_WORDS

DETAIL = "chart/decision_detail.html"


@dataclass(frozen=True)
class Told:
    """One entry of the story, as `ui/entry.html` shows it. `decision` opens under it with its reasons."""

    at: dt.datetime
    title: str
    text: str = ""
    by: str = ""
    kind: str = ""
    url: str = ""
    decision: dict[str, Any] | None = None

    @property
    def detail(self) -> str:
        return DETAIL if self.decision is not None else ""


def story(course: Course, knowledge: Knowledge, tasks: list[Task]) -> list[Told]:
    """Everything that happened on a course, the oldest first. `tasks`: all of the course's, done or not."""
    told = [Told(course.opened_at, _("Course opened"), course.indication)]
    if course.ended_at:
        told.append(Told(course.ended_at, _("Course ended"), course.end_reason, kind="major"))
    for part in (_imports, _notes, _published, _events, _reviews):
        told += part(course)
    for judged in (_decisions, _judgements, _overrides, _scores):
        told += judged(course, knowledge)
    told += [*_sessions(course), *_tasks(tasks)]
    return sorted(told, key=lambda entry: entry.at)


def _decisions(course: Course, knowledge: Knowledge) -> Iterable[Told]:
    for row in DecisionRecord.objects.filter(course=course):
        yield Told(
            row.at,
            _("Decision: %(conclusion)s")
            % {"conclusion": CONCLUSION_WORDS.get(row.conclusion, row.conclusion)},
            by=row.by_name,
            kind="decision",
            url=reverse("screening:decision", args=[course.id, row.id]),
            decision=shown(from_json(row.canonical.encode()), knowledge),
        )


def _judgements(course: Course, knowledge: Knowledge) -> Iterable[Told]:
    titles = {"session": _("Decision before the dose"), "recovery": _("Decision before discharge")}
    for row in Judgement.objects.filter(session__course=course):
        yield Told(
            row.at,
            titles.get(row.stage, row.stage),
            str(CONCLUSION_WORDS.get(row.conclusion, row.conclusion)),
            by=row.by_name,
            kind="decision",
            decision=shown(from_json(row.decision.encode()), knowledge),
        )


def _overrides(course: Course, knowledge: Knowledge) -> Iterable[Told]:
    for row in OverrideRecord.objects.filter(course=course):
        rule = knowledge.rules.get(row.rule)
        title = rule.text.title if rule else row.rule
        yield Told(row.at, _("Finding overridden"), f"{title}: {row.reason}", row.by_name, "decision")
        if row.withdrawn_at:
            yield Told(row.withdrawn_at, _("Override withdrawn"), title, row.withdrawn_by_name)


def _notes(course: Course) -> Iterable[Told]:
    for row in ConsultationNote.objects.filter(course=course, signed_at__isnull=False):
        url = reverse("screening:note", args=[course.id])
        yield Told(row.signed_at, _("Consultation note signed"), by=row.by_name, url=url)


def _imports(course: Course) -> Iterable[Told]:
    for row in Document.objects.filter(patient_id=course.patient_id).defer("content"):
        yield Told(row.recorded_at, _("Record imported"), row.title, row.by_name)


def _published(course: Course) -> Iterable[Told]:
    """Acceptances, consents, orders and departures: what stages publish of their own conclusions."""
    titles = {
        "decision": (_("Accepted for treatment"), _("Acceptance no longer holds"), "screening:show"),
        "consent": (_("Consent signed"), _("Consent no longer holds"), "consent:show"),
        "order": (_("Order signed"), _("Order no longer holds"), "plan:show"),
        "departure": (_("Left the clinic"), _("Departure corrected"), "recovery:show"),
    }
    for row in Standing.objects.filter(course=course):
        made, ended, page = titles[row.kind]
        url = reverse(page, args=[course.id])
        yield Told(row.recorded_at, made, by=row.by_name, kind="major", url=url)
        if row.revoked_at:
            yield Told(row.revoked_at, ended, row.revoked_reason, kind="major", url=url)


def _sessions(course: Course) -> Iterable[Told]:
    for row in Session.objects.filter(course=course):
        url = reverse("session:chair", args=[course.id, row.id])
        given = quantity(round(row.given_mg, 1), "mg") if row.given_mg is not None else ""
        title = _("Session %(number)d") % {"number": row.number}
        yield Told(row.started_at, title, given, kind="major", url=url)
        if row.ended_at:
            outcome = str(OUTCOME_WORDS.get(row.outcome, row.outcome))
            yield Told(row.ended_at, _("%(session)s ended") % {"session": title}, outcome, url=url)


def _events(course: Course) -> Iterable[Told]:
    for row in AdverseEvent.objects.filter(
        patient_id=course.patient_id, course_id=course.id, superseded_by=None
    ):
        title = _("Unwanted effect: %(term)s, grade %(grade)d") % {"term": row.term, "grade": row.grade}
        yield Told(row.at, title, row.action_taken, row.by_name)


def _scores(course: Course, knowledge: Knowledge) -> Iterable[Told]:
    url = reverse("outcomes:show", args=[course.id])
    for row in Score.objects.filter(course_id=course.id):
        instrument = knowledge.instruments.get(row.instrument)
        title = instrument.text.title if instrument else row.instrument
        total = _("no total") if row.total is None else f"{row.total:g}"
        safety = {
            "positive": _("The safety item was positive."),
            "unknown": _("The safety item was not answered."),
        }.get(row.safety, "")
        yield Told(row.at, f"{title}: {total}", safety, row.by_name, url=url)


def _tasks(tasks: list[Task]) -> Iterable[Told]:
    for row in tasks:
        yield Told(row.raised_at, _("To do: %(title)s") % {"title": row.title}, row.body)
        if row.done_at:
            done = _("Done: %(title)s") % {"title": row.title}
            yield Told(row.done_at, done, row.outcome, row.done_by_name)


def _reviews(course: Course) -> Iterable[Told]:
    url = reverse("outcomes:show", args=[course.id])
    for row in Review.objects.filter(course=course):
        title = _("Review: %(choice)s") % {"choice": row.get_choice_display()}
        yield Told(row.at, title, row.reason, row.by_name, "decision", url)


def stage_links(course: Course) -> dict[str, str]:
    """The page of each stage that has one for a course."""
    return {s: reverse(f"{s}:show", args=[course.id]) for s in STAGE_WORDS if s != "enquiry"}
