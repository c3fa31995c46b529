"""A site's own numbers: what was proposed, and what the medical director said to it. Append-only, both."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.safety.overlay import Overlay, Setting
from serein_web.people.models import Site


class OverlayProposal(models.Model):
    """The whole of a site's overlay as somebody wants it to be next, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    based_on = models.PositiveIntegerField()
    """The version that was in force or coming when it was proposed; 0 for none."""
    settings = models.JSONField()
    """[{rule, path, value}], all of them. None: back to the shared numbers."""
    digest = models.CharField(max_length=64, blank=True)
    changed = models.CharField(max_length=300)
    """The one number that it changes, in words."""
    reason = models.TextField(_("reason"))
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["site", "at"]), models.Index(fields=["digest"])]

    def as_core(self) -> Overlay | None:
        settings = tuple(Setting(s["rule"], s["path"], s["value"]) for s in self.settings)
        return Overlay(settings) if settings else None


class OverlayVerdict(models.Model):
    """The medical director signed a proposal, or declined it. A signed one is a version of the site's overlay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.OneToOneField(OverlayProposal, on_delete=models.PROTECT, related_name="verdict")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    signed = models.BooleanField()
    version = models.PositiveIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    """The next day of the site: never at the chair."""
    reason = models.TextField(_("reason"))
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "version"], name="guide_overlay_versions_once"),
            models.CheckConstraint(
                condition=Q(signed=True, version__isnull=False, starts_at__isnull=False)
                | Q(signed=False, version=None, starts_at=None),
                name="guide_overlay_signed_has_version",
            ),
        ]
