"""What was sent to whom, how far it came, and whether a site's ways of sending have proved themselves."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient, Site, User


class Way(models.TextChoices):
    """By what a message goes."""

    EMAIL = "email", _("e-mail")
    TEXT = "text", _("text message")


class Channel(models.Model):
    """One way of sending of one site. It is open once a test has come back: somebody typed the code they received."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=5, choices=Way)
    code = models.CharField(max_length=8, blank=True)
    tested_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    proved_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "way"], name="correspondence_one_channel_a_way"),
            models.CheckConstraint(condition=Q(way__in=["email", "text"]), name="correspondence_channel_way"),
        ]


class Message(models.Model):
    """One message to one person. Its words are made when it is sent, from its template and values."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("not delivered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    course_id = models.UUIDField(null=True)
    way = models.CharField(max_length=5, choices=Way)
    to = models.CharField(max_length=254)
    template = models.CharField(max_length=40)
    register = models.CharField(max_length=10, default="warm")
    language = models.CharField(max_length=10, default="en")
    values = models.JSONField(default=dict)
    safety = models.BooleanField(default=False)
    """If it does not arrive, somebody has to call instead."""
    key = models.CharField(max_length=120, unique=True)
    """What it is about; queueing the same twice is queueing it once."""
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    carrier_id = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False) ^ Q(user__isnull=False),
                name="correspondence_to_one_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "delivered", "failed"]),
                name="correspondence_state_known",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_try_at"]), models.Index(fields=["site", "queued_at"])]
