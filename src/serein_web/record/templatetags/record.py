"""The head of a clinical page. `{% load record %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from serein_web.people.models import Patient
from serein_web.record.identity import identity

register = template.Library()


@register.inclusion_tag("ui/patient.html")
def who(patient: Patient, course: Any = None) -> dict[str, Any]:
    """`{% who course.patient course %}`: who the page is about; the name leads to the course, else to the patient."""
    url = reverse("chart:course", args=[course.id]) if course else reverse("chart:patient", args=[patient.id])
    return {"patient": identity(patient) | {"url": url}}
