"""What a prescriber concluded from the outcomes."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from serein.pathway.outcomes import REVIEW_CHOICES
from serein_web.courses.models import Course
from serein_web.people.models import Site


class Review(models.Model):
    """One review: what follows from the outcomes, and why."""

    class Choice(models.TextChoices):
        FOLLOW_ON = "follow-on", _("follow up further")
        NEW_PLAN = "new-plan", _("make a new plan")
        END = "end", _("end the course")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=12, choices=Choice)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=REVIEW_CHOICES), name="outcomes_choice_known")
        ]
        indexes = [models.Index(fields=["course", "at"])]
