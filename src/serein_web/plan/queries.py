"""Reading plans."""

from __future__ import annotations

import datetime as dt

import msgspec

from serein.errors import Refusal
from serein.knowledge.types import Knowledge, Product
from serein.logic import Facts, Known
from serein.pathway.plan import Curve, Draft, Measured, Wish, curve, draft_order, measured
from serein_web.courses.models import Course
from serein_web.plan.models import Order, PlanDraft
from serein_web.record.queries import statements
from serein_web.schedule.models import Appointment


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


def predicted(course: Course, draft: Draft, at: dt.datetime, knowledge: Knowledge) -> Curve | Refusal | None:
    """The curve of a draft, the refusal of a model, or None where there is no model or no weight."""
    if draft.measured is None or not knowledge.routes[draft.order.route].model:
        return None
    age = Facts(statements(course.patient), knowledge, at)["age"]
    years = float(age.value) if isinstance(age, Known) else None
    return curve(draft.order, float(draft.measured.weight_kg), knowledge, years)


def booked(course: Course) -> list[Appointment]:
    rows = Appointment.objects.filter(course_id=course.id, kind=Appointment.Kind.SESSION)
    return list(rows.exclude(status=Appointment.Status.CANCELLED).order_by("starts_at"))
