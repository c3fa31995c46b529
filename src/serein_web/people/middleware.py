"""Puts the actor on the request, and the site's time zone on the page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from serein_web.people.access import Actor
from serein_web.people.models import Site, StaffRole

ANONYMOUS = Actor(id="", name="")


class ActorMiddleware:
    """`request.actor`: who is asking. Times on the page are those of their site."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        actor = actor_of(request.user)
        request.actor = actor
        with timezone.override(ZoneInfo(time_zone_of(actor))):
            return self.get_response(request)


def actor_of(user) -> Actor:
    """The actor of a log-in: their roles by site, or the patient whose log-in it is."""
    if not user.is_authenticated:
        return ANONYMOUS
    roles: dict = {}
    for row in StaffRole.objects.filter(user=user):
        roles.setdefault(row.site_id, set()).add(row.role)
    patient = getattr(user, "patient", None)
    return Actor(
        id=str(user.id), name=user.name, roles={s: frozenset(r) for s, r in roles.items()}, patient=patient
    )


def time_zone_of(actor: Actor) -> str:
    site_id = actor.patient.site_id if actor.patient else next(iter(actor.roles), None)
    if site_id is None:
        return Site.objects.values_list("time_zone", flat=True).first() or "UTC"
    return Site.objects.values_list("time_zone", flat=True).get(id=site_id)
