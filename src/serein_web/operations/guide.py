"""What a new site still has to do, in order: each step with how far it is and where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from serein_web.consent.models import ConsentDocument
from serein_web.correspondence.models import Way
from serein_web.correspondence.queries import is_open
from serein_web.people import duty
from serein_web.people.models import Role, Site, StaffRole
from serein_web.schedule.models import Chair


@dataclass(frozen=True)
class Step:
    """One step of setting a site up."""

    title: str
    says: str
    done: bool
    url: str = ""


def steps(site: Site) -> list[Step]:
    """All of them, in the order in which they are best done."""
    roles = set(
        StaffRole.objects.filter(site=site, user__is_active=True).exclude(user__password__startswith="!")
        .values_list("role", flat=True)
    )  # fmt: skip
    needed = (Role.ADMINISTRATOR, Role.PRESCRIBER, Role.MEDICAL_DIRECTOR, Role.NURSE)
    lacking = [str(role.label) for role in needed if role not in roles]
    chairs = Chair.objects.filter(site=site).count()
    documents = ConsentDocument.objects.values("product").distinct().count()
    planned = bool(duty.coming(site, timezone.now(), 7))
    told = any(is_open(site, way) for way in Way.values)
    return [
        Step(
            _("The clinic"),
            site.telephone or _("The telephone number is missing: patients are shown it."),
            bool(site.telephone and site.organisation),
            reverse("operations:details", args=[site.id]),
        ),
        Step(
            _("Staff"),
            _("Nobody has opened a log-in as: %(roles)s") % {"roles": ", ".join(lacking)}
            if lacking
            else _("Every role has somebody."),
            not lacking,
            reverse("people:staff", args=[site.id]),
        ),
        Step(
            _("Chairs"),
            _("%(n)d chairs") % {"n": chairs},
            chairs > 0,
            reverse("operations:chairs", args=[site.id]),
        ),
        Step(
            _("Consent documents"),
            _("%(n)d published. The medical director reads them before the first patient does.")
            % {"n": documents},
            documents > 0,
        ),
        Step(
            _("Duty"),
            _("Somebody is put down for the next week.")
            if planned
            else _("Nobody is put down. Safety tasks go to the medical director."),
            planned,
            reverse("people:duty", args=[site.id]),
        ),
        Step(
            _("Messages"),
            _("A test has come back.")
            if told
            else _("No way of sending has proved itself: links are handed over in person."),
            told,
            reverse("correspondence:channels", args=[site.id]),
        ),
        Step(
            _("Downtime sheets"),
            _("Print them once, so that everybody knows them."),
            True,
            reverse("chart:downtime"),
        ),
    ]
