"""A course: one person's way through the programme at one site, for one indication, with one product."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.pathway import ENDED, STAGES
from serein_web.people.models import Patient, Site

STATES = [*STAGES, ENDED]


class Course(models.Model):
    """The journey state of a person's treatment. A person may have several, one after another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    indication = models.CharField(_("indication"), max_length=200)
    product = models.CharField(
        _("product"), max_length=20, choices=[("ketamine", _("ketamine")), ("esketamine", _("esketamine"))]
    )
    route = models.CharField(_("route"), max_length=20, default="intravenous")
    state = models.CharField(max_length=12, choices=[(s, s) for s in STATES], default="enquiry")
    opened_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="courses_state_known"),
            models.UniqueConstraint(
                fields=["patient"], condition=~Q(state=ENDED), name="courses_one_open_course_a_patient"
            ),
        ]
        indexes = [models.Index(fields=["site", "state"])]

    @property
    def is_open(self) -> bool:
        return self.state != ENDED


class Standing(models.Model):
    """What one stage has concluded and publishes for the others: a decision, a consent, an order, a hold.

    Stages do not read each other's rows; they read these. A row is revoked or followed by a newer one, never
    changed.
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("decision")
        CONSENT = "consent", _("consent")
        ORDER = "order", _("order")
        DEPARTURE = "departure", _("departure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="standings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    body = models.JSONField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=500, blank=True)
    source_id = models.UUIDField()
    """The row of the stage that published it."""
    by_name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["decision", "consent", "order", "departure"]), name="courses_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["course", "kind", "valid_from"])]

    def holds_at(self, at: dt.datetime) -> bool:
        """Whether it holds at an instant, if nothing newer of its kind has been published."""
        return (
            self.revoked_at is None
            and self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
        )
