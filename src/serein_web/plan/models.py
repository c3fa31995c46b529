"""Drafts, which change, and orders, which do not."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from serein.pathway.plan import Adoption
from serein_web.courses.models import Course
from serein_web.people.models import Patient, Site


class PlanDraft(models.Model):
    """What a course's plan says so far: the wish as it was typed and parsed. One a course, edited in place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="+")
    wish = models.JSONField()
    saved = models.PositiveIntegerField(default=1)
    """How often it was saved: a page that shows an older save does not overwrite a newer one."""
    saved_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)


class ProtocolAdoption(models.Model):
    """A site has taken a protocol's dose change as its own. Only its end is ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    """Of the protocol as it was read; it holds for no other version."""
    adopted_by = models.CharField(max_length=40)
    adopted_by_name = models.CharField(max_length=200)
    adopted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "protocol"],
                condition=Q(ended_at__isnull=True),
                name="plan_protocol_adopted_once_a_site",
            ),
        ]

    def as_core(self) -> Adoption:
        return Adoption(self.protocol, self.digest, self.adopted_by_name, self.adopted_at)


class Order(models.Model):
    """What a prescriber signed. Only its revocation is ever added."""

    id = models.UUIDField(primary_key=True, editable=False)
    """Made by the page on which it was signed, so that signing twice is signing once."""
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    knowledge = models.CharField(max_length=64)
    signed_by = models.CharField(max_length=40)
    signed_by_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by_name = models.CharField(max_length=200, blank=True)
    revoked_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="plan_order_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["course", "signed_at"], name="plan_order_by_course")]
