"""Somebody asks. An enquirer is unverified until staff match them to a patient."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient, Site


class ConsultationRequest(models.Model):
    """A request for a consultation from the public page."""

    id = models.UUIDField(primary_key=True, editable=False)
    """Made by the page that was filled in, so that sending it twice is sending it once."""
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    reach_by = models.CharField(_("how to reach you"), max_length=200, blank=True)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=200, blank=True)
    close_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["site", "closed_at", "received_at"])]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


def new_request_id() -> uuid.UUID:
    return uuid.uuid4()
