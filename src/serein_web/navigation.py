"""The few places that staff go to, by what they may do."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

PLACES = (
    ("schedule:today", "today.read", "Today"),
    ("people:patients", "people.read", "Patients"),
    ("enquiry:requests", "enquiry.read", "Requests"),
    ("tasks:worklist", "tasks.read", "Worklist"),
    ("plan:checklists", "today.read", "Checklists"),
    ("people:duties", "duty.read", "Duty"),
    ("operations:sites", "site.administer", "Site"),
)


def navigation(request: HttpRequest) -> list[dict]:
    """Links for the staff frame: url, label, and whether the page is that place."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_staff:
        return []
    links = [(reverse(name), label) for name, permission, label in PLACES if actor.may_anywhere(permission)]
    return [{"url": url, "label": _(label), "current": request.path == url} for url, label in links]
