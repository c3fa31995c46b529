"""The consultation note, the decisions, and what a prescriber made of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.safety import Override
from serein_web.courses.models import Course
from serein_web.people.models import Site


class CourseRow(models.Model):
    """What every row here has: whose course, where, when, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        abstract = True


class ConsultationNote(CourseRow):
    """The consultation. Its author may write on until it is signed; then there are only addenda."""

    history = models.TextField(_("history"), blank=True)
    mental_state = models.TextField(_("mental state"), blank=True)
    physical_examination = models.TextField(_("physical examination"), blank=True)
    diagnoses = models.TextField(_("diagnoses, one a line, with their codes"), blank=True)
    symptoms_and_triggers = models.TextField(_("symptoms and triggers"), blank=True)
    treatments_tried = models.TextField(_("treatments tried: dose, weeks, result"), blank=True)
    goals = models.TextField(_("goals"), blank=True)
    questions_asked = models.TextField(_("questions the patient asked, and the answers"), blank=True)
    signed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(signed_at=None), name="screening_one_open_note_a_course"
            ),
        ]


class NoteAddendum(CourseRow):
    note = models.ForeignKey(ConsultationNote, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField(_("addendum"))


class DecisionRecord(CourseRow):
    """A decision as it was made, whole: it can be replayed."""

    conclusion = models.CharField(max_length=12)
    knowledge = models.CharField(max_length=64)
    canonical = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["course", "at"])]


class OverrideRecord(CourseRow):
    """A prescriber goes on in spite of a finding, for a reason, until it is withdrawn."""

    rule = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8)
    grounds = models.CharField(max_length=64, default="")
    """What the finding rested on when it was overridden: something new asks again."""
    reason = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "rule", "digest", "state"],
                condition=Q(withdrawn_at=None),
                name="screening_one_override_a_finding",
            ),
        ]

    def as_core(self) -> Override:
        return Override(
            rule=self.rule,
            digest=self.digest,
            state=self.state,
            by=self.by_name,
            at=self.at,
            reason=self.reason,
            grounds=self.grounds,
        )


class Acceptance(CourseRow):
    """A prescriber accepts the course on this decision."""

    decision = models.OneToOneField(DecisionRecord, on_delete=models.PROTECT, related_name="acceptance")
