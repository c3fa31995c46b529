"""Chairs and appointments."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient, Site


class Chair(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="schedule_chair_named_once")]

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    class Kind(models.TextChoices):
        CONSULTATION = "consultation", _("consultation")
        SESSION = "session", _("session")
        FOLLOWUP = "followup", _("follow-up")

    class Status(models.TextChoices):
        BOOKED = "booked", _("booked")
        ARRIVED = "arrived", _("arrived")
        IN_CHAIR = "in_chair", _("in chair")
        LEFT = "left", _("left")
        NO_SHOW = "no_show", _("did not come")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    course_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    chair = models.ForeignKey(Chair, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.BOOKED)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_ends_after_start"),
            models.UniqueConstraint(
                fields=["patient", "starts_at"],
                condition=~Q(status__in=["cancelled", "no_show"]),
                name="schedule_one_place_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "starts_at"]),
            models.Index(fields=["patient", "starts_at"]),
        ]
