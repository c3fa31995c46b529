"""The administrator's pages: what a site still has to do, whether it is well, and its own details."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serein.errors import Refusal
from serein_web.operations import check, guide
from serein_web.operations.forms import ChairForm, DetailsForm
from serein_web.people.access import clinic, found
from serein_web.people.actions import change_site
from serein_web.people.models import Site
from serein_web.schedule.actions import add_chair
from serein_web.schedule.models import Chair


def _site(request: HttpRequest, site_id) -> Site:
    return found(Site.objects.filter(id__in=request.actor.sites("site.administer")), id=site_id)


@clinic("site.administer")
def sites(request: HttpRequest) -> HttpResponse:
    """The sites that somebody administers; one alone is gone to."""
    rows = list(Site.objects.filter(id__in=request.actor.sites("site.administer")).order_by("name"))
    if len(rows) == 1:
        return redirect("operations:site", rows[0].id)
    return render(request, "operations/sites.html", {"rows": rows})


@clinic("site.administer")
def site(request: HttpRequest, site_id) -> HttpResponse:
    row = _site(request, site_id)
    return render(
        request, "operations/site.html", {"site": row, "steps": guide.steps(row), "health": _health()}
    )


def _health() -> list[check.Found]:
    """What `serein-site check` says. A demo has no settings of its own, and nothing to lose."""
    site_settings = getattr(settings, "SITE", None)
    return check.all_of(settings.DATA, site_settings, timezone.now()) if site_settings else []


@clinic("site.administer")
def details(request: HttpRequest, site_id) -> HttpResponse:
    row = _site(request, site_id)
    form = DetailsForm(request.POST or None, initial=_shown(row))
    if request.method == "POST" and form.is_valid():
        kept = change_site(by=request.actor, site=row, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("operations:site", row.id)
        form.refuse(kept)
    page = {"site": row, "form": form}
    return render(request, "operations/details.html", page, status=400 if form.errors else 200)


def _shown(row: Site) -> dict[str, Any]:
    lines = [
        f"{c['name']}: {c['number']}" + (f", {c['note']}" if c.get("note") else "") for c in row.crisis_lines
    ]
    return {"organisation": row.organisation, "telephone": row.telephone, "crisis_lines": "\n".join(lines)}


@clinic("site.administer")
def chairs(request: HttpRequest, site_id) -> HttpResponse:
    row = _site(request, site_id)
    form = ChairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = add_chair(by=request.actor, site=row, name=form.cleaned_data["name"])
        if not isinstance(kept, Refusal):
            return redirect("operations:chairs", row.id)
        form.refuse(kept)
    page = {"site": row, "form": form, "rows": Chair.objects.filter(site=row).order_by("name")}
    return render(request, "operations/chairs.html", page, status=400 if form.errors else 200)
