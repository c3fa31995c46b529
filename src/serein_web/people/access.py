"""Who may do what: the permission table, and the gate that every view passes.

The table is also the test: every URL's view carries its permission, and a test walks all of them with every role.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from serein_web.audit.actions import saw
from serein_web.people.models import Patient, Role

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponse]

PRESCRIBER, NURSE, FRONT_DESK = Role.PRESCRIBER.value, Role.NURSE.value, Role.FRONT_DESK.value
ADMINISTRATOR, RESEARCHER = Role.ADMINISTRATOR.value, Role.RESEARCHER.value
DIRECTOR = Role.MEDICAL_DIRECTOR.value

PERMISSIONS: dict[str, frozenset[str]] = {
    "today.read": frozenset({PRESCRIBER, NURSE, FRONT_DESK, ADMINISTRATOR, DIRECTOR}),
    "people.read": frozenset({PRESCRIBER, NURSE, FRONT_DESK, DIRECTOR}),
    "people.write": frozenset({PRESCRIBER, NURSE, FRONT_DESK}),
    "schedule.write": frozenset({PRESCRIBER, NURSE, FRONT_DESK}),
    "enquiry.read": frozenset({PRESCRIBER, NURSE, FRONT_DESK}),
    "enquiry.write": frozenset({PRESCRIBER, NURSE, FRONT_DESK}),
    "record.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "record.write": frozenset({PRESCRIBER, NURSE}),
    "screening.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "screening.write": frozenset({PRESCRIBER, NURSE}),
    "screening.decide": frozenset({PRESCRIBER}),
    "consent.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "consent.write": frozenset({PRESCRIBER, NURSE}),
    "plan.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "plan.write": frozenset({PRESCRIBER, NURSE}),
    "plan.sign": frozenset({PRESCRIBER}),
    "session.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "session.write": frozenset({PRESCRIBER, NURSE}),
    "session.decide": frozenset({PRESCRIBER}),
    "recovery.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "recovery.write": frozenset({PRESCRIBER, NURSE}),
    "followup.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "followup.write": frozenset({PRESCRIBER, NURSE}),
    "outcomes.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "outcomes.write": frozenset({PRESCRIBER}),
    "chart.read": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "tasks.read": frozenset({PRESCRIBER, NURSE, FRONT_DESK, DIRECTOR}),
    "tasks.write": frozenset({PRESCRIBER, NURSE, FRONT_DESK}),
    "tasks.clinical": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "duty.read": frozenset({PRESCRIBER, NURSE, FRONT_DESK, ADMINISTRATOR, DIRECTOR}),
    "duty.write": frozenset({PRESCRIBER, NURSE, ADMINISTRATOR, DIRECTOR}),
    "knowledge.propose": frozenset({PRESCRIBER, NURSE, DIRECTOR}),
    "knowledge.sign": frozenset({DIRECTOR}),
    "site.administer": frozenset({ADMINISTRATOR}),
    "audit.read": frozenset({ADMINISTRATOR, DIRECTOR}),
    "research.read": frozenset({RESEARCHER}),
}

EMERGENCY = frozenset(
    {
        "people.read",
        "record.read",
        "screening.read",
        "consent.read",
        "plan.read",
        "session.read",
        "recovery.read",
    }
    | {"followup.read", "outcomes.read", "chart.read"}
)
"""What somebody may read of a patient of another site whose record they opened in an emergency."""

PUBLIC, PORTAL, LINK, ANY_STAFF, PERSON = "public", "portal", "link", "any staff", "whoever is logged in"
SECOND = "second-factor"
"""Where a browser session says by which second factor it was opened."""


@dataclass(frozen=True)
class Actor:
    """Whoever is at the other end of a request, and what they may do where."""

    id: str
    name: str
    roles: dict[UUID, frozenset[str]] = field(default_factory=dict)
    patient: Patient | None = None
    opened: frozenset[UUID] = frozenset()
    """Patients of other sites whose record was opened in an emergency: to be read, never to be written."""

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)

    def may(self, permission: str, site_id: UUID) -> bool:
        return bool(self.roles.get(site_id, frozenset()) & PERMISSIONS[permission])

    def may_anywhere(self, permission: str) -> bool:
        return any(self.may(permission, site) for site in self.roles)

    def sites(self, permission: str) -> list[UUID]:
        return [site for site in self.roles if self.may(permission, site)]

    def is_prescriber(self, site_id: UUID) -> bool:
        return PRESCRIBER in self.roles.get(site_id, frozenset())


SEREIN = Actor(id="serein", name="Serein")
"""Serein itself, for what no person did: a task that fell due, an alarm."""


def visible(rows: type[M] | QuerySet[M], actor: Actor, permission: str) -> QuerySet[M]:
    """The rows that this actor may see for this permission: the one query by which staff reach clinical rows."""
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    here = Q(site_id__in=actor.sites(permission))
    if actor.opened and permission in EMERGENCY and actor.may_anywhere(permission):
        name = "id" if queryset.model is Patient else "patient_id"
        if queryset.model is Patient or any(f.name == "patient" for f in queryset.model._meta.fields):
            here |= Q(**{f"{name}__in": actor.opened})
    return queryset.filter(here)


def own(rows: type[M] | QuerySet[M], actor: Actor) -> QuerySet[M]:
    """The rows of the patient who is asking: the one query by which patients reach rows."""
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    return queryset.filter(patient=actor.patient) if actor.patient else queryset.none()


def found(queryset: QuerySet[M], **key: Any) -> M:
    """The row, or 404: what somebody may not see does not exist for them."""
    row = queryset.filter(**key).first()
    if row is None:
        raise Http404
    return row


def clinic(permission: str, *, charts: bool = False, while_locked: bool = False) -> Callable[[View], View]:
    """A staff page. Anonymous goes to the log-in; without the permission at any site, 403.

    On a real site whoever has no second factor yet is led to set one up first. `charts`: its form has `at`, when
    what it charts happened. `while_locked`: a shared device opens it while it is locked; the view names nobody then.
    """
    assert permission in PERMISSIONS or permission == ANY_STAFF, permission

    def gate(view: View) -> View:
        @functools.wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if not (actor.is_staff if permission == ANY_STAFF else actor.may_anywhere(permission)):
                raise PermissionDenied
            if settings.SEREIN_SECOND_FACTOR and not request.session.get(SECOND):
                return redirect("people:account")
            response = view(request, *args, **kwargs)
            if request.method == "GET" and response.status_code == 200 and not request.locked:  # type: ignore[attr-defined]
                _note_look(request, actor, kwargs)
            return response

        gated.permission = permission  # type: ignore[attr-defined]
        gated.charts, gated.while_locked = charts, while_locked  # type: ignore[attr-defined]
        return gated

    return gate


def _note_look(request: HttpRequest, actor: Actor, ids: dict[str, Any]) -> None:
    """Who saw a course or a patient stands in its trail, beside who changed it."""
    for name in ("course", "patient"):
        if f"{name}_id" in ids:
            app = request.resolver_match.app_name if request.resolver_match else ""
            saw(by=actor, chain=f"{name}:{ids[f'{name}_id']}", page=app)
            return


def portal(view: View) -> View:
    """A patient's page, of the patient who is logged in and nobody else."""

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.actor.patient is None:  # type: ignore[attr-defined]
            raise PermissionDenied
        return view(request, *args, **kwargs)

    gated.permission = PORTAL  # type: ignore[attr-defined]
    return gated


def person(view: View) -> View:
    """A page about one's own log-in, for whoever is logged in."""

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    gated.permission = PERSON  # type: ignore[attr-defined]
    return gated


def public(view: View) -> View:
    """A page for anybody."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def by_link(view: View) -> View:
    """A page that a single-purpose, expiring link opens; the view itself checks the link."""
    view.permission = LINK  # type: ignore[attr-defined]
    return view
