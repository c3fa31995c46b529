"""Who ticks: one process of however many serve."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """One row. Its holder may tick until it runs out; whoever comes then takes it over."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=80)
    until = models.DateTimeField()
    beat_at = models.DateTimeField()
    """When the jobs were last run to their end."""
