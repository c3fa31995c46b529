"""What the demo's staff and patients do, stage by stage, through the actions of the apps."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from serein.errors import Refusal
from serein.instruments import parse_answers
from serein.knowledge import Knowledge
from serein.knowledge.types import Fact
from serein.pathway.plan import AsNeeded, Wish
from serein.pathway.screening import to_ask
from serein.pathway.session import questions
from serein_web.careteam import actions as careteam
from serein_web.consent.actions import sign
from serein_web.consent.queries import newest_document
from serein_web.courses.models import Course
from serein_web.demo import clock
from serein_web.enquiry.actions import begin_course
from serein_web.followup import actions as followup
from serein_web.outcomes import actions as outcomes
from serein_web.people.access import Actor
from serein_web.people.models import Patient, Site
from serein_web.plan import actions as plan
from serein_web.plan.queries import draft_of, drafted, wish_of
from serein_web.record import actions as record
from serein_web.record.queries import medicines
from serein_web.recovery import actions as recovery
from serein_web.schedule.actions import book
from serein_web.schedule.models import Chair
from serein_web.screening import actions as screening
from serein_web.screening.queries import decision_now
from serein_web.session import actions as session_stage
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.queries import order_of, state

T = TypeVar("T")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
ROUNDS = 8
"""Answers raise further questions; after so many rounds something is wrong."""
CALM_YES = frozenset(
    {
        "can_consent",
        "has_capacity",
        "monitor_alarms_on",
        "pregnancy_excluded_today",
    }
)
CALM_NUMBERS = {
    "weight": 70.0,
    "height": 172.0,
    "systolic_pressure": 122.0,
    "diastolic_pressure": 78.0,
    "heart_rate": 70.0,
    "oxygen_saturation": 98.0,
    "respiratory_rate": 14.0,
    "hours_since_food": 9.0,
    "hours_since_drink": 3.0,
    "sedation_moaas": 5.0,
    "estimated_filtration_rate": 92.0,
}
FIT_TO_LEAVE = {
    "back_to_self": True,
    "walks_unaided": True,
    "cannula_removed": True,
    "sedation_moaas": 5.0,
    "dissociation_rating": 0.0,
    "nausea_rating": 1.0,
    "new_suicidal_thoughts": False,
}


class NotMade(Exception):
    """A step of the demo was refused: the demo and the rules no longer agree."""


def done(result: T | Refusal) -> T:
    if isinstance(result, Refusal):
        raise NotMade(str(result))
    return result


@dataclass(frozen=True)
class Staff:
    prescriber: Actor
    nurse: Actor
    second: Actor
    desk: Actor


@dataclass(frozen=True)
class Programme:
    """The site, who works there, and what the rules know."""

    site: Site
    staff: Staff
    knowledge: Knowledge

    def begin(self, patient: Patient, at: dt.datetime) -> Course:
        with clock.at(at):
            begun = begin_course(
                by=self.staff.nurse,
                patient=patient,
                indication="generalised anxiety disorder, two medicines without success",
                product="ketamine",
                route="intravenous",
            )
            return done(begun)

    def note(self, course: Course, at: dt.datetime, *, signed: bool) -> None:
        """The consultation as a prescriber writes it down."""
        with clock.at(at):
            done(
                screening.save_note(
                    by=self.staff.prescriber,
                    course=course,
                    version=1,
                    history="Invented. Worry most days for twelve years; two courses of psychotherapy.",
                    mental_state="Invented. Anxious, orientated, no psychotic symptom, no wish to die.",
                    physical_examination="Invented. Heart and lungs without finding; airway easy.",
                    diagnoses="F41.1 generalised anxiety disorder",
                    symptoms_and_triggers="Sleeplessness, tension; worse before the working week.",
                    treatments_tried="sertraline 200 mg, 12 weeks, little; venlafaxine 225 mg, 10 weeks, none",
                    goals="To sleep, and to drive to work again.",
                    questions_asked="How long does it last? Days to weeks; that is why it is a series.",
                )
            )
            if signed:
                done(screening.sign_note(by=self.staff.prescriber, course=course))

    def answer(self, course: Course, at: dt.datetime, **values: Any) -> None:
        """Answer what screening asks, calmly unless `values` say otherwise, until nothing is left to ask."""
        with clock.at(at):
            for _ in range(ROUNDS):
                asks = to_ask(decision_now(course, at), self.knowledge)
                if not asks:
                    return
                facts = [self.knowledge.facts[a.fact] for a in asks]
                # Yes and no first: most of what else is asked is then no longer in question.
                facts = [f for f in facts if f.type == "flag"] or facts
                answers = {f.key: values[f.key] if f.key in values else calm(f) for f in facts}
                done(screening.answer_facts(by=self.staff.nurse, course=course, values=answers))
        raise NotMade(f"screening still asks for {asks[0].fact}")

    def accept(self, course: Course, at: dt.datetime) -> None:
        self.answer(course, at)
        with clock.at(at + 20 * MINUTE):
            done(screening.accept(by=self.staff.prescriber, course=course))

    def sign_consent(self, course: Course, at: dt.datetime) -> None:
        """The patient reads and signs, in the portal if they have a log-in, else on a tablet."""
        patient = course.patient
        by = self.staff.nurse if patient.user is None else as_patient(patient)
        with clock.at(at):
            done(
                sign(
                    by=by,
                    id=uuid.uuid4(),
                    course=course,
                    document=newest_document(course.product),
                    signed_name=patient.name,
                    where="tablet" if patient.user is None else "portal",
                )
            )

    def draft(self, course: Course, at: dt.datetime) -> None:
        wish = Wish(
            product_key="ketamine-hydrochloride-injection",
            route=course.route,
            dose="0.5 mg/kg",
            over="40 min",
            concentration="1 mg/mL",
            sessions=6,
            spacing="84 h",
            series_over="21 d",
            valid_from=at,
            valid_until=at + 40 * DAY,
            as_needed=(AsNeeded("ondansetron", "4 mg", "nausea"),),
            protocol="six-infusions",
            phase="induction",
        )
        with clock.at(at):
            done(
                plan.save_draft(
                    by=self.staff.prescriber, course=course, wish=wish, seen=0, knowledge=self.knowledge
                )
            )

    def order(self, course: Course, at: dt.datetime) -> None:
        self.draft(course, at)
        with clock.at(at + MINUTE):
            shown = done(drafted(course, wish_of(draft_of(course)), at + MINUTE, self.knowledge))
            done(
                plan.sign_order(
                    by=self.staff.prescriber,
                    id=uuid.uuid4(),
                    course=course,
                    shown_digest=shown.order.digest,
                    reason="",
                    knowledge=self.knowledge,
                )
            )

    def ready(self, patient: Patient, first: dt.datetime) -> Course:
        """Everything before the first session at `first`, over the ten days before it."""
        course = self.begin(patient, first - 10 * DAY)
        self.note(course, first - 9 * DAY, signed=True)
        self.accept(course, first - 9 * DAY + HOUR)
        self.sign_consent(course, first - 7 * DAY)
        self.order(course, first - 6 * DAY)
        return course

    def book_session(self, course: Course, starts_at: dt.datetime, booked: dt.datetime, chair: Chair) -> None:
        with clock.at(booked):
            done(
                book(
                    by=self.staff.desk,
                    patient=course.patient,
                    kind="session",
                    starts_at=starts_at,
                    minutes=120,
                    chair=chair,
                    course_id=course.id,
                )
            )

    def book_series(self, course: Course, first: dt.datetime) -> list[dt.datetime]:
        with clock.at(first - 5 * DAY):
            series = plan.book_series(
                by=self.staff.desk, course=course, first=first, chair=None, knowledge=self.knowledge
            )
            return [row.starts_at for row in done(series)]

    def chart(
        self, session: Session, at: dt.datetime, kind: str, by: Actor | None = None, **body: Any
    ) -> Any:
        """One entry of the log, written down as it happens."""
        with clock.at(at):
            return done(
                session_stage.chart(
                    by=by or self.staff.nurse, session=session, kind=kind, body=body, knowledge=self.knowledge
                )
            )

    def letter(self, course: Course, at: dt.datetime) -> None:
        """The referring physician is told how it went; the patient agreed to that."""
        with clock.at(at):
            relation = done(
                careteam.keep_relation(
                    by=self.staff.nurse,
                    patient=course.patient,
                    kind="referrer",
                    name="Dr Lou Demo-Hale",
                    organisation="Demo-Hale practice",
                    share_from=at.date() - 30 * DAY,
                    agreed_how="said so at the first visit",
                )
            )
            done(
                careteam.sign_letter(
                    by=self.staff.prescriber,
                    course=course,
                    relation=relation,
                    kind="change",
                    parts=["treatment", "sessions", "scores"],
                    words="Invented. The first series is done; she sleeps, and drives to work again.",
                    today=at.date(),
                    knowledge=self.knowledge,
                )
            )

    def reconcile(self, patient: Patient, at: dt.datetime) -> None:
        """Go through the medicines: everything is taken as written."""
        active = [m for m in medicines(patient) if m.status == "active"]
        with clock.at(at):
            done(
                record.reconcile(
                    by=self.staff.nurse,
                    patient=patient,
                    lines={str(m.id): ("as-written", "") for m in active},
                    knowledge=self.knowledge,
                )
            )

    def observe(self, session: Session, at: dt.datetime, systolic: float, heart: float, **more: Any) -> None:
        values = {
            "systolic_pressure": systolic,
            "diastolic_pressure": round(systolic * 0.63),
            "heart_rate": heart,
            "oxygen_saturation": 97.0,
            "respiratory_rate": 14.0,
            "sedation_moaas": 5.0,
        }
        self.chart(session, at, "observation", values=values | more)

    def arrive(self, course: Course, at: dt.datetime, chair: Chair | None) -> Session:
        """From the door to an open gate, in twenty minutes."""
        with clock.at(at):
            session = done(session_stage.open_session(by=self.staff.nurse, course=course, chair=chair))
        self.chart(session, at + MINUTE, "check-in", identifiers=["name", "date of birth"])
        self.chart(
            session, at + 2 * MINUTE, "escort", name="Robin Demo-Friend", relation="friend", arrived=False
        )
        self.reconcile(session.patient, at + 4 * MINUTE)
        self.observe(session, at + 5 * MINUTE, 124, 72)
        ordered = order_of(session, at + 6 * MINUTE)
        fields = ("product", "dose_mg", "concentration_mg_per_ml", "volume_ml", "pump_ml_per_h")
        read = {key: ordered[key] for key in fields}
        self.chart(session, at + 8 * MINUTE, "settings-read", **read)
        self.chart(session, at + 9 * MINUTE, "settings-read", by=self.staff.second, **read)
        self.answer_gate(session, at + 12 * MINUTE)
        return session

    def answer_gate(self, session: Session, at: dt.datetime) -> None:
        for _ in range(ROUNDS):
            decision = session_stage.gate_of(session, state(session), self.knowledge, at)
            asked = questions(decision, self.knowledge)
            if not asked:
                return
            values = {key: calm(self.knowledge.facts[key]) for key in asked}
            self.chart(session, at, "observation", values=values)
        raise NotMade(f"the gate still asks for {asked[0]}")

    def dose(self, session: Session, at: dt.datetime, until: dt.datetime) -> None:
        """Start at `at`, readings every ten minutes; stopped after forty if `until` is later than that."""
        with clock.at(at):
            done(session_stage.start(by=self.staff.nurse, session=session, knowledge=self.knowledge))
        course_of_it = ((10, 136, 80, 3.0), (20, 144, 84, 6.0), (30, 141, 82, 5.0))
        for minutes, systolic, heart, apart in course_of_it:
            if at + minutes * MINUTE < until:
                self.observe(session, at + minutes * MINUTE, systolic, heart, dissociation_rating=apart)
        if at + 40 * MINUTE < until:
            self.stop(session, at + 40 * MINUTE)

    def stop(self, session: Session, at: dt.datetime) -> None:
        self.chart(session, at, "dosing-stop", how="completed")
        dose_mg = order_of(session, at)["dose_mg"]
        with clock.at(at + 2 * MINUTE):
            container = {
                "product": "ketamine 50 mg/mL",
                "container": "10 mL vial",
                "lot": "DEMO-24A",
                "expiry": (at + 300 * DAY).date().isoformat(),
                "drawn_mg": 50.0,
                "given_mg": dose_mg,
                "wasted_mg": round(50.0 - dose_mg, 1),
                "witness": self.staff.second.id,
                "witness_name": self.staff.second.name,
            }
        self.chart(session, at + 2 * MINUTE, "administration", **container)
        self.observe(session, at + 5 * MINUTE, 138, 78, dissociation_rating=3.0, nausea_rating=2.0)

    def leave(self, session: Session, stopped: dt.datetime) -> None:
        """Observed for an hour after the dose, then home with the escort."""
        self.observe(session, stopped + 30 * MINUTE, 128, 74)
        ready = stopped + 62 * MINUTE
        self.observe(session, ready, 124, 72, **FIT_TO_LEAVE)
        self.chart(session, ready, "escort", name="Robin Demo-Friend", relation="friend", arrived=True)
        self.chart(
            session, ready, "instructions-given", what="Written after-care sheet, gone through together"
        )
        points = dict.fromkeys(("activity", "respiration", "circulation", "consciousness", "saturation"), 2)
        with clock.at(ready + MINUTE):
            common = {"by": self.staff.nurse, "session": session, "knowledge": self.knowledge}
            done(recovery.score_aldrete(points=points, **common))
        with clock.at(ready + 3 * MINUTE):
            done(recovery.leave(how="discharged", **common))

    def whole_session(self, course: Course, at: dt.datetime, chair: Chair | None = None) -> Session:
        """From check-in at `at` to discharge two hours later."""
        session = self.arrive(course, at, chair)
        start = at + 15 * MINUTE
        self.dose(session, start, start + 41 * MINUTE)
        self.leave(session, start + 40 * MINUTE)
        return session

    def ask(self, course: Course, at: dt.datetime) -> followup.NewLink:
        with clock.at(at):
            asked = followup.request_questionnaires(
                by=self.staff.nurse,
                course=course,
                id=uuid.uuid4(),
                instruments=["gad-7", "phq-9"],
                knowledge=self.knowledge,
            )
            return done(asked)

    def score(self, course: Course, at: dt.datetime, gad7: int, phq9: int, *, item9: int = 0) -> None:
        """The patient answers both questionnaires, to these totals; `item9` is the safety item's answer."""
        asked = self.ask(course, at)
        answers = {"gad-7": spread(gad7, 7), "phq-9": [*spread(phq9 - item9, 8), str(item9)]}
        for key, given in answers.items():
            done(parse_answers(self.knowledge.instruments[key], given))
        with clock.at(at + 5 * MINUTE):
            by = as_patient(course.patient)
            done(followup.answer(by=by, request=asked.request, answers=answers, knowledge=self.knowledge))

    def next_session(self, course: Course, at: dt.datetime) -> None:
        with clock.at(at):
            done(followup.go_on(by=self.staff.nurse, course=course, name="next-session"))

    def to_outcomes(self, course: Course, at: dt.datetime) -> None:
        with clock.at(at):
            done(followup.go_on(by=self.staff.nurse, course=course, name="review"))

    def end(self, course: Course, at: dt.datetime, reason: str) -> None:
        """A prescriber ends a reviewed course."""
        with clock.at(at):
            done(outcomes.review(by=self.staff.prescriber, course=course, choice="end", reason=reason))


def as_patient(patient: Patient) -> Actor:
    return Actor(id=str(patient.user_id or patient.id), name=patient.name, patient=patient)


def calm(fact: Fact) -> Any:
    """The answer that raises no concern."""
    if fact.type == "flag":
        return fact.key in CALM_YES
    if fact.choices:
        return fact.choices[0]
    if fact.key not in CALM_NUMBERS:
        raise NotMade(f"nobody has said what a calm {fact.key} is")
    return CALM_NUMBERS[fact.key]


def spread(total: int, items: int) -> list[str]:
    """Answers of 0 to 3 that add up to a total, as evenly as can be."""
    each, rest = divmod(total, items)
    return [str(each + (n < rest)) for n in range(items)]
