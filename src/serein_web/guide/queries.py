"""Reading the overlays of sites."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from serein.safety.overlay import Overlay
from serein_web.guide.models import OverlayProposal, OverlayVerdict


def signed(site_id: UUID) -> list[OverlayVerdict]:
    """Every signed version of a site, the newest first."""
    rows = OverlayVerdict.objects.filter(site_id=site_id, signed=True).select_related("proposal")
    return list(rows.order_by("-version"))


def version_in_force(site_id: UUID, at: dt.datetime) -> OverlayVerdict | None:
    rows = OverlayVerdict.objects.filter(site_id=site_id, signed=True, starts_at__lte=at)
    return rows.select_related("proposal").order_by("-version").first()


def in_force(site_id: UUID, at: dt.datetime) -> Overlay | None:
    """The site's overlay at an instant; None where the shared numbers hold."""
    row = version_in_force(site_id, at)
    return row.proposal.as_core() if row else None


def latest_version(site_id: UUID) -> int:
    """The number of the version signed last, whether it is in force yet or comes tomorrow; 0 for none."""
    return next((row.version or 0 for row in signed(site_id)), 0)


def open_proposals(site_id: UUID) -> list[OverlayProposal]:
    """What waits for the medical director, oldest first. One made before the last signature is out of date."""
    rows = OverlayProposal.objects.filter(site_id=site_id, verdict=None, based_on=latest_version(site_id))
    return list(rows.order_by("at"))


def of_digest(digest: str) -> Overlay | None:
    """The overlay that an old decision names."""
    row = OverlayProposal.objects.filter(digest=digest).order_by("at").first()
    return row.as_core() if row else None
