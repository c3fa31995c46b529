"""Reading the schedule."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from serein_web.people.access import Actor, visible
from serein_web.people.models import Site
from serein_web.schedule.models import Appointment


def day_bounds(site: Site, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """A calendar day of the site as two instants; 23 or 25 hours apart when the clocks change."""
    zone = ZoneInfo(site.time_zone)
    start = dt.datetime.combine(day, dt.time(), zone)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def today(actor: Actor, now: dt.datetime) -> list[Appointment]:
    """Today's appointments at the actor's sites, each by its own site's calendar, in time order."""
    found: list[Appointment] = []
    for site in Site.objects.filter(id__in=actor.sites("today.read")):
        start, end = day_bounds(site, now.astimezone(ZoneInfo(site.time_zone)).date())
        rows = visible(Appointment.objects.select_related("patient", "chair"), actor, "today.read")
        found += rows.filter(site=site, starts_at__gte=start, starts_at__lt=end)
    return sorted(found, key=lambda a: a.starts_at)
