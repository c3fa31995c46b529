"""Reading plans."""

from __future__ import annotations

import datetime as dt

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.instruments import Scored
from serein.knowledge.types import Knowledge, Product
from serein.logic import Facts, Known
from serein.pathway.outcomes import trajectory
from serein.pathway.plan import (
    Curve,
    DoseProposal,
    Draft,
    Event,
    Happened,
    Measured,
    Wish,
    curve,
    draft_order,
    highest,
    measured,
    propose_change,
)
from serein.pathway.plan import Order as CoreOrder
from serein_web.courses.models import Course
from serein_web.people.models import Site
from serein_web.plan.models import Order, PlanDraft, ProtocolAdoption
from serein_web.record.models import AdverseEvent
from serein_web.record.queries import scores, statements
from serein_web.schedule.models import Appointment
from serein_web.sessionlog.queries import doses, sessions, state
from serein_web.tasks.queries import blocking


def draft_of(course: Course) -> PlanDraft | None:
    return PlanDraft.objects.filter(course=course).first()


def wish_of(draft: PlanDraft) -> Wish:
    return msgspec.convert(draft.wish, Wish)


def drafted(course: Course, wish: Wish, at: dt.datetime, knowledge: Knowledge) -> Draft | Refusal:
    return draft_order(wish, statements=statements(course.patient), at=at, knowledge=knowledge)


def weight_of(course: Course, at: dt.datetime, knowledge: Knowledge) -> Measured | Refusal:
    return measured(Facts(statements(course.patient), knowledge, at))


def products_for(course: Course, knowledge: Knowledge) -> list[Product]:
    """What may be ordered: the products of the substance and route that screening has judged."""
    return [
        p for p in knowledge.products.values() if p.substance == course.product and course.route in p.routes
    ]


def current_order(course: Course, at: dt.datetime) -> Order | None:
    """The order that stands: not revoked, not run out; it may begin to hold later."""
    newest = course.standings.filter(kind="order").order_by("-recorded_at").first()
    if newest is None or newest.revoked_at is not None:
        return None
    if newest.valid_until is not None and newest.valid_until <= at:
        return None
    return Order.objects.filter(id=newest.source_id).first()


def orders(course: Course) -> list[Order]:
    return list(Order.objects.filter(course=course).order_by("-signed_at"))


def predicted(course: Course, draft: Draft, at: dt.datetime, knowledge: Knowledge) -> Curve | Refusal:
    """The curve of a draft, or why there is none: no model for the route, no measured weight, out of its range."""
    facts = Facts(statements(course.patient), knowledge, at)
    age, weight = facts["age"], facts["weight"]
    years = float(age.value) if isinstance(age, Known) else None
    if not isinstance(weight, Known):
        return refuse(Reason.MISSING, "weight")
    return curve(draft.order, float(weight.value), knowledge, years)


def core_order(order: Order) -> CoreOrder:
    """The signed order as the core has it."""
    return msgspec.convert({k: v for k, v in order.body.items() if k != "reason"}, CoreOrder)


def adoptions(site: Site) -> dict[str, ProtocolAdoption]:
    """The protocols whose dose change this site has adopted, by key."""
    return {row.protocol: row for row in ProtocolAdoption.objects.filter(site=site, ended_at=None)}


def proposed(course: Course, order: Order, knowledge: Knowledge) -> DoseProposal | Refusal:
    """What the site's adopted protocol proposes for the next session of this course, or why nothing."""
    signed = core_order(order)
    row = adoptions(course.site).get(signed.protocol)
    adoption = row.as_core() if row is not None else None
    return propose_change(signed, happened(course, signed, knowledge), adoption, knowledge)


def happened(course: Course, signed: CoreOrder, knowledge: Knowledge) -> Happened | None:
    """What is known of the last dose of the course and since; None before the first."""
    given = [s for s in sessions(course) if s.dosing_started_at is not None]
    if not given:
        return None
    last = given[-1]
    log = state(last)
    how = log.stop.body.how if log.stop is not None else None
    events = AdverseEvent.objects.filter(
        patient=course.patient, at__gte=last.dosing_started_at, superseded_by__isnull=True
    )
    return Happened(
        given_mg=log.start.body.dose_mg if how == "completed" and log.start else last.given_mg or 0.0,
        outcome=how,
        events=tuple(Event(row.term, row.grade) for row in events.order_by("at")),
        distress=highest([r.value for r in log.observations.get("distress_rating", ())]),
        dissociation=highest([r.value for r in log.observations.get("dissociation_rating", ())]),
        improved_percent=_improved_percent(course, signed, knowledge),
        open_safety_tasks=len(blocking(course.id, course.patient_id)),
    )


def _improved_percent(course: Course, signed: CoreOrder, knowledge: Knowledge) -> float | None:
    protocol = knowledge.protocols.get(signed.protocol)
    dosed = doses(course)
    if protocol is None or protocol.change is None or not dosed:
        return None
    key = protocol.change.instrument
    rows = [Scored(row.total, row.at, row.prorated) for row in scores(course.id, key)]
    found = trajectory(knowledge.instruments[key], rows, dosed[0][0])
    if found.change is None or found.change.percent is None or not found.baseline_before_dose:
        return None
    return -found.change.percent


def booked(course: Course) -> list[Appointment]:
    rows = Appointment.objects.filter(course_id=course.id, kind=Appointment.Kind.SESSION)
    return list(rows.exclude(status=Appointment.Status.CANCELLED).order_by("starts_at"))
