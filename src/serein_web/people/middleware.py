"""Puts the actor on the request, and the site's time zone on the page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from serein_web.people.access import Actor
from serein_web.people.models import EmergencyAccess, Site, StaffRole

ANONYMOUS = Actor(id="", name="")
LONGEST_NAME = 200  # what every `by_name` holds; two names of a hundred letters have a space between them


class ActorMiddleware:
    """`request.actor`: who is asking. Times on the page are those of their site."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        actor = actor_of(request.user)
        request.actor = actor
        site = site_of(actor)
        show_crisis_lines_of(request, site)
        with timezone.override(ZoneInfo(site.time_zone if site else "UTC")):
            return self.get_response(request)


def show_crisis_lines_of(request: HttpRequest, site: Site | None) -> None:
    """The page shows the crisis lines of this site's country; a page that belongs to another site says so itself."""
    request.crisis_lines = crisis_lines_of(site)  # type: ignore[attr-defined]


def crisis_lines_of(site: Site | None) -> list[dict] | None:
    """Those that the site has set, else those of its country; None where nobody knows the country."""
    if site is None:
        return None
    return site.crisis_lines or settings.SEREIN_CRISIS_LINES_BY_JURISDICTION.get(site.jurisdiction)


def actor_of(user) -> Actor:
    """The actor of a log-in: their roles by site, or the patient whose log-in it is."""
    if not user.is_authenticated:
        return ANONYMOUS
    roles: dict = {}
    for row in StaffRole.objects.filter(user=user):
        roles.setdefault(row.site_id, set()).add(row.role)
    patient = getattr(user, "patient", None)
    opened = EmergencyAccess.objects.filter(user=user, until__gt=timezone.now()) if roles else ()
    return Actor(
        opened=frozenset(row.patient_id for row in opened),
        id=str(user.id),
        name=user.name[:LONGEST_NAME],
        roles={s: frozenset(r) for s, r in roles.items()},
        patient=patient,
    )


def site_of(actor: Actor) -> Site | None:
    """The site whose time and country a page is in: the patient's, the first of the staff's, else the only one."""
    if actor.patient:
        return Site.objects.get(id=actor.patient.site_id)
    site_id = next(iter(actor.roles), None)
    return Site.objects.filter(id=site_id).first() if site_id else Site.objects.order_by("name").first()
