"""What anybody said or found about a patient. Append-only: a row is superseded, never changed."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.logic import Statement as CoreStatement
from serein_web.people.models import Patient, Site

SOURCES = ["record", "patient", "staff", "attestation", "dispute", "device", "computed"]


class Entry(models.Model):
    """What all rows of the record have: whose, where, when it held, when it came, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        abstract = True


class Document(Entry):
    """Something that came in whole: an imported bundle. The same one twice is one."""

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    summary = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "digest"], name="record_document_once")]


class Statement(Entry):
    """One fact, its value, when it held, and why we think so. `value` null: the question was raised only."""

    fact = models.CharField(max_length=80)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=12, choices=[(s, s) for s in SOURCES])
    because = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=2000, blank=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient", "fact", "at"])]
        constraints = [models.CheckConstraint(condition=Q(source__in=SOURCES), name="record_source_known")]

    def as_core(self) -> CoreStatement:
        value = tuple(self.value) if isinstance(self.value, list) else self.value
        if isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        return CoreStatement(
            fact=self.fact,
            value=value,
            at=self.at,
            source=self.source,
            because=self.because,
            id=str(self.id),
            supersedes=(str(self.supersedes_id),) if self.supersedes_id else (),
        )


class Kept(Entry):
    """A medicine, allergy or problem as staff keep it or as it was imported."""

    display = models.CharField(_("name"), max_length=300)
    system = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=20)
    started_on = models.DateField(_("since"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["patient", "status"])]


class Medicine(Kept):
    dose = models.CharField(_("dose and how often"), max_length=200, blank=True)


class Allergy(Kept):
    pass


class Problem(Kept):
    pass


class Reconciliation(Entry):
    """Somebody has gone through the whole list of medicines with the patient, line by line, and attests it."""

    lines = models.JSONField()
    """[{medicine, display, answer, note}]: what was said of each active medicine."""

    class Meta:
        indexes = [models.Index(fields=["patient", "at"])]


class AdverseEvent(Entry):
    """An unwanted effect, in a session or between two."""

    course_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    term = models.CharField(_("what happened"), max_length=200)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    grade = models.PositiveSmallIntegerField(_("grade, CTCAE 1 to 5"))
    action_taken = models.CharField(_("what was done"), max_length=500, blank=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="record_grade_1_to_5")
        ]
        indexes = [models.Index(fields=["patient", "at"])]


class Score(Entry):
    """A questionnaire as it was answered and scored."""

    course_id = models.UUIDField()
    instrument = models.CharField(max_length=40)
    answers = models.JSONField()
    total = models.FloatField(null=True)
    band = models.CharField(max_length=40, blank=True)
    prorated = models.BooleanField(default=False)
    safety = models.CharField(max_length=10, choices=[(s, s) for s in ("none", "positive", "unknown")])
    knowledge = models.CharField(max_length=64)
    request_id = models.UUIDField(null=True, unique=True)
    """The request that it answers, or the page that entered it; each gives one score."""
    parts = models.JSONField(default=dict)
    """Sub-scores by their key."""
    taken_by = models.CharField(max_length=200, blank=True)
    """Who took it, where staff entered what was taken elsewhere."""

    class Meta:
        indexes = [models.Index(fields=["course_id", "instrument", "at"])]
