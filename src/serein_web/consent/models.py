"""What people sign, their signatures, and what they took back. Rows are added and never changed."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.pathway.consent import Signed
from serein_web.courses.models import Course
from serein_web.people.models import Patient, Site


def digest_of(
    product: str, language: str, version: int, title: str, short: list[str], body: list[dict[str, Any]]
) -> str:
    """SHA-256 of everything that a person reads."""
    content = [product, language, version, title, short, body]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


class ConsentDocument(models.Model):
    """One published version of a product's document in a language. A new wording is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    short = models.JSONField()
    """The first layer: a few sentences."""
    body = models.JSONField()
    """The second layer: sections of heading, text (paragraphs by line) and evidence keys."""
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language", "version"], name="consent_version_published_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="consent_versions_from_1"),
        ]

    @property
    def unaltered(self) -> bool:
        """Whether the text is still the one that was published."""
        content = (self.product, self.language, self.version, self.title, self.short, self.body)
        return digest_of(*content) == self.digest


class Signature(models.Model):
    """A person's signature under one version."""

    class Where(models.TextChoices):
        PORTAL = "portal", _("in the portal")
        TABLET = "tablet", _("on a tablet at the clinic")

    id = models.UUIDField(primary_key=True, editable=False)
    """Made by the page that was signed, so that sending it twice is signing once."""
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(ConsentDocument, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    """Of the text that was signed; it must be the document's for ever."""
    signed_name = models.CharField(_("full name"), max_length=200)
    signed_at = models.DateTimeField()
    where = models.CharField(max_length=10, choices=Where)
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)
    """Who was logged in: the patient, or the member of staff who held the tablet."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(where__in=["portal", "tablet"]), name="consent_signed_where"),
            models.CheckConstraint(condition=~Q(signed_name=""), name="consent_signed_with_a_name"),
        ]
        indexes = [models.Index(fields=["course", "signed_at"])]

    def as_core(self) -> Signed:
        gone = getattr(self, "withdrawal", None)
        return Signed(self.document.version, self.signed_at, gone.withdrawn_at if gone else None)


class Withdrawal(models.Model):
    """A consent taken back. Without a signature it is a refusal in advance, and is kept too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    signature = models.OneToOneField(
        Signature, null=True, on_delete=models.PROTECT, related_name="withdrawal"
    )
    withdrawn_at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["course", "withdrawn_at"])]
