"""The audit trail: append-only, each event chained to the one before it in its chain."""

from __future__ import annotations

from django.db import models


class Payload(models.Model):
    """What an event was about, apart from the event: a lawful erasure can empty it and the chain still holds."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.JSONField(null=True)


class Event(models.Model):
    """Who did what to what, and when. No foreign keys: people may go, the trail stays."""

    chain = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100)
    payload_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="audit_one_event_per_place"),
        ]
        ordering = ["chain", "seq"]


class Seal(models.Model):
    """One batch of events: where their chains stood after it. The seals of a site's database are one chain.

    A chain that is cut short, or taken out whole with its head, is missed here.
    """

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    heads = models.JSONField()
    """[chain, seq, digest] of each chain that the batch went on."""
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]


class Head(models.Model):
    """Where each chain stands; its row is the lock under which the next event is written."""

    chain = models.CharField(max_length=60, primary_key=True)
    seq = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
