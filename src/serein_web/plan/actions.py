"""The only writers of the plan stage."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge, route_for
from serein.pathway.plan import Draft, Wish, chair_minutes, may_sign, protocol_digest, series_starts
from serein.pathway.plan import Order as CoreOrder
from serein.pathway.screening import decide, refuse_excluded
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.courses.actions import audit, locked, move, publish, revoke
from serein_web.courses.models import Course
from serein_web.courses.queries import standing_kinds
from serein_web.people.access import Actor
from serein_web.people.models import Site
from serein_web.plan.models import Order, PlanDraft, ProtocolAdoption
from serein_web.plan.queries import core_order, current_order, draft_of, drafted, wish_of
from serein_web.record.queries import statements
from serein_web.schedule.actions import book
from serein_web.schedule.models import Appointment, Chair

PLANNED_IN = ("consent", "plan", "session", "recovery", "followup", "outcomes")


@action
def save_draft(
    *, by: Actor, course: Course, wish: Wish, seen: int, knowledge: Knowledge
) -> PlanDraft | Refusal:
    """Keep what the prescriber or nurse has planned. What cannot become an order is not kept.

    `seen` is the save that the page showed, 0 for none: somebody else's later one is not overwritten.
    """
    row = locked(course)
    if row.state not in PLANNED_IN:
        return refuse(
            Reason.NOT_ALLOWED_NOW, "planning", row.state, next="A plan follows an accepted screening."
        )
    refused = _other_treatment(row, wish, knowledge)
    if refused:
        return refused
    draft = drafted(row, wish, timezone.now(), knowledge)
    if isinstance(draft, Refusal):
        return draft
    kept = PlanDraft.objects.filter(course=row).first()
    if (kept.saved if kept else 0) != seen:
        return refuse(Reason.CHANGED_MEANWHILE, "the plan", f"saved by {kept.by_name if kept else by.name}")
    kept = kept or PlanDraft(site_id=row.site_id, course=row, saved=0)
    kept.wish, kept.saved = msgspec.to_builtins(wish), kept.saved + 1
    kept.saved_at, kept.by_name = timezone.now(), by.name
    kept.save()
    audit(row, by, "plan.draft", dose_mg=draft.order.dose_mg, saved=kept.saved)
    return kept


def _other_treatment(course: Course, wish: Wish, knowledge: Knowledge) -> Refusal | None:
    """Screening has judged one substance by one route; another one is screened again."""
    product = knowledge.products.get(wish.product_key)
    if product is not None and product.substance == course.product and wish.route == course.route:
        return None
    return refuse(
        Reason.MISMATCH,
        "product",
        f"{wish.product_key} {wish.route}",
        next=f"Screening has judged {course.product}, {course.route}. Screen again for another treatment.",
    )


@action
def sign_order(
    *, by: Actor, id: UUID, course: Course, shown_digest: str, reason: str, knowledge: Knowledge
) -> Order | Refusal:
    """A prescriber makes the plan an order. The same page sent twice, or two browsers, sign once.

    It is reckoned again at this moment: a dose that is no longer the one that was shown is refused.
    """
    row = locked(course)
    kept = Order.objects.filter(id=id, course=row).first()
    if kept is not None:
        return kept
    if not by.may("plan.sign", row.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "signing the order", by.name, allowed="prescriber")
    draft = _draft_to_sign(row, knowledge)
    if isinstance(draft, Refusal):
        return draft
    now = timezone.now()
    refused = (
        _excluded(row, now, knowledge)
        or may_sign(draft, shown_digest=shown_digest, reason=reason, stands=standing_kinds(row, now))
        or _already_signed(row, draft.order, now)
    )
    if refused:
        return refused
    order = _keep_order(by, id, row, draft.order, reason, knowledge)
    publish(
        by=by,
        course=row,
        kind="order",
        body=order.body,
        source_id=order.id,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
    )
    if row.state == "plan":
        moved = move(by=by, course=row, name="order-signed", at=max(now, order.valid_from))
        if isinstance(moved, Refusal):
            return moved
    course.state = row.state
    return order


def _draft_to_sign(course: Course, knowledge: Knowledge) -> Draft | Refusal:
    kept = draft_of(course)
    if kept is None:
        return refuse(Reason.MISSING, "the plan")
    wish = wish_of(kept)
    return _other_treatment(course, wish, knowledge) or drafted(course, wish, timezone.now(), knowledge)


def _excluded(course: Course, at: dt.datetime, knowledge: Knowledge) -> Refusal | None:
    """The absolute exclusion that became known after the acceptance, if one holds now."""
    return refuse_excluded(
        decide(
            statements=statements(course.patient),
            product=course.product,
            route=course.route,
            jurisdiction=course.site.jurisdiction,
            at=at,
            knowledge=knowledge,
        )
    )


def _already_signed(course: Course, order: CoreOrder, now: dt.datetime) -> Refusal | None:
    current = current_order(course, now)
    if current is None or current.digest != order.digest:
        return None
    return refuse(Reason.ALREADY_DONE, "signing this order", f"by {current.signed_by_name}")


def _keep_order(
    by: Actor, id: UUID, course: Course, order: CoreOrder, reason: str, knowledge: Knowledge
) -> Order:
    row = Order.objects.create(
        id=id,
        site_id=course.site_id,
        course=course,
        patient=course.patient,
        body=msgspec.to_builtins(order) | {"reason": reason.strip()},
        digest=order.digest,
        knowledge=knowledge.hash,
        signed_by=by.id,
        signed_by_name=by.name,
        signed_at=timezone.now(),
        valid_from=order.valid_from,
        valid_until=order.valid_until,
    )
    audit(course, by, "plan.sign", order=str(row.id), digest=row.digest, knowledge=knowledge.hash)
    return row


@action
def revoke_order(*, by: Actor, course: Course, reason: str) -> Order | Refusal:
    """End the order that holds. A session under way can be charted to its end; no further dose can start."""
    row = locked(course)
    if not by.may("plan.sign", row.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "revoking the order", by.name, allowed="prescriber")
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "reason")
    order = Order.objects.filter(course=row).order_by("-signed_at").first()
    if order is None or order.revoked_at is not None:
        return refuse(Reason.ALREADY_DONE, "revoking the order", "no order stands")
    order.revoked_at, order.revoked_by_name, order.revoked_reason = timezone.now(), by.name, reason.strip()
    order.save(update_fields=["revoked_at", "revoked_by_name", "revoked_reason"])
    revoke(by=by, course=row, kind="order", reason=reason)
    audit(row, by, "plan.revoke", order=str(order.id), reason=reason)
    return order


@action
def book_series(
    *, by: Actor, course: Course, first: dt.datetime, chair: Chair | None, knowledge: Knowledge
) -> list[Appointment] | Refusal:
    """All sessions of the order that holds, at the protocol's spacing. One that cannot be booked books none."""
    row = locked(course)
    order = current_order(row, timezone.now())
    if order is None:
        return refuse(Reason.NOT_ALLOWED_NOW, "booking the series", "no order holds", next="Sign an order.")
    signed = core_order(order)
    route = route_for(knowledge, signed.route, signed.product)
    starts = series_starts(first, signed.series, route.minimum_spacing, row.site.time_zone)
    if isinstance(starts, Refusal):
        return starts
    if starts[-1] > order.valid_until:
        return refuse(
            Reason.OUT_OF_RANGE,
            "first session",
            f"the last one would be on {starts[-1]:%Y-%m-%d}",
            low="a start",
            high=f"so that all lie before {order.valid_until:%Y-%m-%d}",
        )
    found = []
    for start in starts:
        appointment = book(
            by=by,
            patient=row.patient,
            kind=Appointment.Kind.SESSION,
            starts_at=start,
            minutes=chair_minutes(signed.over_min, route),
            chair=chair,
            course_id=row.id,
        )
        if isinstance(appointment, Refusal):
            return appointment
        found.append(appointment)
    return found


@action
def adopt_protocol(
    *, by: Actor, site: Site, protocol: str, shown_digest: str, knowledge: Knowledge
) -> ProtocolAdoption | Refusal:
    """From now on this site sees the protocol's proposals for the next dose. It holds for the version that was shown."""
    Site.objects.select_for_update().get(id=site.id)
    if not by.may("plan.sign", site.id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "adopting a protocol", by.name, allowed="prescriber")
    found = knowledge.protocols.get(protocol)
    if found is None or found.change is None:
        known = ", ".join(k for k, p in knowledge.protocols.items() if p.change)
        return refuse(Reason.NOT_KNOWN_HERE, "protocol", protocol, allowed=known)
    digest = protocol_digest(knowledge, protocol)
    if digest != shown_digest:
        return refuse(Reason.CHANGED_MEANWHILE, "the protocol", protocol)
    now = timezone.now()
    open_ = ProtocolAdoption.objects.filter(site=site, protocol=protocol, ended_at=None).first()
    if open_ is not None and open_.digest == digest:
        return refuse(Reason.ALREADY_DONE, "adopting this protocol", f"by {open_.adopted_by_name}")
    if open_ is not None:
        _end(open_, by, now)
    row = ProtocolAdoption.objects.create(
        site=site,
        protocol=protocol,
        digest=digest,
        adopted_by=by.id,
        adopted_by_name=by.name,
        adopted_at=now,
    )
    _audit_adoption(by, row, "plan.adopt-protocol")
    return row


@action
def end_adoption(*, by: Actor, site: Site, protocol: str) -> ProtocolAdoption | Refusal:
    """The site's proposals from this protocol end at once."""
    Site.objects.select_for_update().get(id=site.id)
    if not by.may("plan.sign", site.id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "ending an adoption", by.name, allowed="prescriber")
    row = ProtocolAdoption.objects.filter(site=site, protocol=protocol, ended_at=None).first()
    if row is None:
        return refuse(Reason.ALREADY_DONE, "ending the adoption", protocol)
    _end(row, by, timezone.now())
    _audit_adoption(by, row, "plan.end-adoption")
    return row


def _end(row: ProtocolAdoption, by: Actor, at: dt.datetime) -> None:
    row.ended_at, row.ended_by_name = at, by.name
    row.save(update_fields=["ended_at", "ended_by_name"])


def _audit_adoption(by: Actor, row: ProtocolAdoption, name: str) -> None:
    trail.record(
        chain=f"site:{row.site_id}",
        by=by,
        action=name,
        subject=f"protocol:{row.protocol}",
        payload={"digest": row.digest},
    )
