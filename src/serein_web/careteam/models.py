"""The people around a patient, the patient's agreement to share with each, and letters."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein_web.courses.models import Course
from serein_web.people.models import Patient, Site, User


class Relation(models.Model):
    """One person around a patient. Sharing with them needs the patient's agreement, from a day until a day."""

    class Kind(models.TextChoices):
        REFERRER = "referrer", _("referring physician")
        PHYSICIAN = "physician", _("usual physician")
        THERAPIST = "therapist", _("therapist")
        ESCORT = "escort", _("escort")
        SUPPORTER = "supporter", _("supporter")
        NEXT_OF_KIN = "next-of-kin", _("next of kin")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("who"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    organisation = models.CharField(_("practice or relation"), max_length=200, blank=True)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """A therapist's own log-in: they see what is shared and nothing else."""
    share_from = models.DateField(_("may be told from"), null=True, blank=True)
    share_until = models.DateField(_("until"), null=True, blank=True)
    agreed_how = models.CharField(_("how the patient agreed"), max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    by_name = models.CharField(max_length=200)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share_until__isnull=True) | Q(share_until__gte=models.F("share_from")),
                name="careteam_share_until_after_from",
            ),
        ]
        indexes = [models.Index(fields=["patient", "ended_at"])]

    def may_share(self, on: dt.date) -> bool:
        """Whether the patient's agreement holds on a day. No agreement, no sharing."""
        if self.ended_at is not None or self.share_from is None:
            return False
        return self.share_from <= on and (self.share_until is None or on <= self.share_until)


class Letter(models.Model):
    """A letter about a course, as it was signed: its words, what it shares, and its PDF."""

    class Kind(models.TextChoices):
        START = "start", _("treatment begins")
        CHANGE = "change", _("something has changed")
        END = "end", _("treatment has ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    shared = models.JSONField()
    """The names of the parts that it tells."""
    body = models.JSONField()
    """[{title, lines}]: what it says."""
    pdf = models.BinaryField()
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=40)
    signed_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["course", "signed_at"])]


class LetterLink(models.Model):
    """A link by which the addressee opens a letter, until it ends; every opening is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    opened = models.JSONField(default=list)
    """When it was opened, each time."""
