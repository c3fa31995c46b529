"""Questionnaires asked of a patient between sessions."""

from __future__ import annotations

import uuid

from django.db import models

from serein_web.courses.models import Course
from serein_web.people.models import Patient, Site


class QuestionnaireRequest(models.Model):
    """A request to answer some questionnaires, by a link or in the portal. It is answered once.

    The link's token is not kept: only its SHA-256 is.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    """Made by the page that sends it, so that sending it twice is sending it once."""
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    instruments = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["course", "created_at"])]

    def score_id(self, instrument: str) -> uuid.UUID:
        """The request id of one instrument's score: the database keeps each once."""
        return uuid.uuid5(self.id, instrument)

    def is_open(self, at) -> bool:
        return self.answered_at is None and self.cancelled_at is None and at < self.expires_at


def new_request_id() -> uuid.UUID:
    return uuid.uuid4()
