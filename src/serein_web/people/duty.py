"""Who is there at an hour, and who is next if they do not answer."""

from __future__ import annotations

import datetime as dt

from serein_web.people.models import Role, Shift, Site, StaffRole, User

LADDER = (Shift.Kind.DUTY, Shift.Kind.CALL)


def shifts_at(site: Site, at: dt.datetime) -> list[Shift]:
    """The shifts that run at an instant, those on duty first, then by name."""
    rows = Shift.objects.filter(site=site, starts_at__lte=at, ends_at__gt=at, withdrawn_at=None)
    rows = rows.filter(user__is_active=True).select_related("user")
    return sorted(rows, key=lambda s: (LADDER.index(Shift.Kind(s.kind)), s.user.last_name))


def ladder(site: Site, role: str, at: dt.datetime) -> list[User]:
    """Whom a task of this role goes to, one after the other: on duty, on call, the medical director.

    A prescriber may do what a nurse may; nobody is on it twice.
    """
    fit = {role, Role.PRESCRIBER} if role == Role.NURSE else {role}
    held = dict.fromkeys(
        StaffRole.objects.filter(site=site, role__in=fit, user__is_active=True).values_list(
            "user_id", flat=True
        )
    )
    there = [s.user for s in shifts_at(site, at) if s.user_id in held]
    directors = User.objects.filter(
        staff_roles__site=site, staff_roles__role=Role.MEDICAL_DIRECTOR, is_active=True
    ).order_by("last_name")
    return list({user.id: user for user in (*there, *directors)}.values())


def attended(site: Site, role: str, at: dt.datetime) -> bool:
    """Whether somebody of this role is on duty or on call now. False where nobody keeps a duty list: not known is no."""
    on_it = ladder(site, role, at)
    return any(s.user in on_it for s in shifts_at(site, at))


def coming(site: Site, at: dt.datetime, days: int) -> list[Shift]:
    """The shifts that run now or begin within so many days, in time order."""
    until = at + dt.timedelta(days=days)
    rows = Shift.objects.filter(site=site, ends_at__gt=at, starts_at__lt=until, withdrawn_at=None)
    return list(rows.select_related("user").order_by("starts_at", "kind"))
