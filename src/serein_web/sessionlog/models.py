"""The append-only log of a session, shared by the stages session and recovery."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.pathway.session import KINDS
from serein.pathway.session import Entry as CoreEntry
from serein_web.courses.models import Course
from serein_web.people.models import Patient, Site
from serein_web.schedule.models import Chair


class Session(models.Model):
    """One session of a course, from check-in to departure. Its state is the fold of its entries.

    The dose columns repeat what the fold says, so that others can ask for doses without folding.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    chair = models.ForeignKey(Chair, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    """The how-manieth session of its course, from 1."""
    product = models.CharField(max_length=20)
    route = models.CharField(max_length=20)
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    dosing_started_at = models.DateTimeField(null=True)
    dosing_ended_at = models.DateTimeField(null=True)
    given_mg = models.FloatField(null=True)
    """While the dose runs: what had been given at the last entry."""
    outcome = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(status="running"), name="sessionlog_one_running_a_patient"
            ),
            models.UniqueConstraint(
                fields=["chair"], condition=Q(status="running"), name="sessionlog_one_running_a_chair"
            ),
            models.UniqueConstraint(fields=["course", "number"], name="sessionlog_numbered_once"),
            models.CheckConstraint(
                condition=Q(status__in=["running", "ended"]), name="sessionlog_status_known"
            ),
        ]
        indexes = [models.Index(fields=["site", "status"])]


class Entry(models.Model):
    """One entry of the log. Never changed: a correction is an entry. `id` is the client's, so a repeat is one."""

    id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=24, choices=[(k, k) for k in KINDS])
    body = models.JSONField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)
    device = models.CharField(max_length=80, blank=True)
    clock_source = models.CharField(max_length=20, default="server")
    offset_ms = models.IntegerField(default=0)
    corrects = models.UUIDField(null=True)
    adverse_event_id = models.UUIDField(null=True)
    """The row of the record that a symptom made."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "seq"], name="sessionlog_one_entry_per_place"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="sessionlog_kind_known"),
        ]
        ordering = ["session", "seq"]

    def as_core(self) -> CoreEntry:
        return CoreEntry(
            id=str(self.id),
            kind=self.kind,
            at=self.at,
            recorded_at=self.recorded_at,
            body=self.body,
            by=self.by,
            by_name=self.by_name,
            seq=self.seq,
            device=self.device,
            clock_source=self.clock_source,
            offset_ms=self.offset_ms,
            corrects=str(self.corrects) if self.corrects else None,
        )


class Reading(models.Model):
    """A number of an observation, in a narrow table beside the log; the entry's id says which observation.

    A corrected observation leaves its rows here: ask the session's state for what counts.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fact = models.CharField(max_length=80)
    value = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "fact"], name="sessionlog_one_value_a_fact"),
        ]
        indexes = [models.Index(fields=["session", "fact", "at"])]


class Judgement(models.Model):
    """A decision as it stood when the dose began or the person was discharged, whole, so that it can be replayed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=[("session", _("session")), ("recovery", _("recovery"))])
    conclusion = models.CharField(max_length=12)
    decision = models.TextField()
    """Canonical JSON of the core's `Decision`."""
    knowledge = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["session", "at"])]
