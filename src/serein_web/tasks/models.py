"""What somebody has to do, by when. A safety task never goes to nobody: without an owner it is its role's."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient, Role, Site, User


class Task(models.Model):
    class Kind(models.TextChoices):
        SAFETY = "safety", _("safety")
        CALL = "call", _("call")
        CLINICAL = "clinical", _("clinical")
        OFFICE = "office", _("office")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    course_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    role = models.CharField(max_length=20, choices=Role)
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=0)
    """How often it has gone on to the next because nobody did it in time."""
    raised_at = models.DateTimeField()
    deadline = models.DateTimeField()
    blocks_next_dose = models.BooleanField(default=False)
    key = models.CharField(max_length=100, unique=True)
    """What it is about; raising the same twice is raising it once."""
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["site", "done_at", "deadline"]),
            models.Index(fields=["course_id", "done_at"]),
        ]
