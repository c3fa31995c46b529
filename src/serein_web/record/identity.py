"""Who a page is about, the same on every clinical page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from serein_web.people.models import Patient
from serein_web.record.queries import allergies


def identity(patient: Patient) -> dict[str, Any]:
    """What `ui/patient.html` shows of a patient; nobody asked about allergies if there is no row at all."""
    rows = allergies(patient)
    return {
        "name": patient.name,
        "born": patient.birth_date,
        "age": age(patient.birth_date, timezone.localdate()),
        "sex": patient.get_sex_display(),
        "identifiers": [i.value for i in patient.identifiers.order_by("system", "value")],
        "allergies": [a.display for a in rows if a.status == "active"] if rows else None,
    }


def age(birth_date: dt.date, today: dt.date) -> int:
    """Whole years; who was born on 29 February is a year older from 1 March on in other years."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
