"""Reading the record of a patient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from serein.logic import Statement as CoreStatement
from serein_web.people.models import Patient
from serein_web.record.models import Allergy, Kept, Medicine, Problem, Score, Statement


def statements(patient: Patient) -> tuple[CoreStatement, ...]:
    """Everything that was said of a patient, as the core takes it. Date of birth and sex come from the identity."""
    return (
        *identity_statements(patient),
        *(_as_core(row) for row in Statement.objects.filter(patient=patient).values_list(*COLUMNS)),
    )


COLUMNS = ("id", "fact", "value", "at", "source", "because", "supersedes_id")


def _as_core(row: tuple[Any, ...]) -> CoreStatement:
    """`Statement.as_core` without making a model of every row: a long record is read many times a page."""
    key, fact, value, at, source, because, supersedes = row
    if isinstance(value, list):
        value = tuple(value)
    elif type(value) is int:
        value = float(value)
    gone = (str(supersedes),) if supersedes else ()
    return CoreStatement(fact, value, at, source, because, str(key), gone)


def identity_statements(patient: Patient) -> Iterable[CoreStatement]:
    """What registration says: staff entered it or matched it when the patient was registered."""
    yield CoreStatement(
        "birth_date",
        patient.birth_date.isoformat(),
        patient.created_at,
        "staff",
        because=f"date of birth {patient.birth_date.isoformat()}",
        id=f"{patient.id}/birth_date",
    )
    if patient.sex != Patient.Sex.UNKNOWN:
        yield CoreStatement(
            "sex", patient.sex, patient.created_at, "staff", because=patient.sex, id=f"{patient.id}/sex"
        )


def standing(model: type[Kept], patient: Patient) -> list[Kept]:
    """The medicines, allergies or problems that nothing has superseded, active ones first."""
    rows = model.objects.filter(patient=patient, superseded_by=None).order_by("display")
    return sorted(rows, key=lambda row: row.status != "active")


def standing_of(model: type[Kept], patients: Iterable[UUID]) -> Iterable[Kept]:
    """The same for many patients, in one query."""
    return model.objects.filter(patient__in=list(patients), superseded_by=None).order_by("display")


def medicines(patient: Patient) -> list[Kept]:
    return standing(Medicine, patient)


def allergies(patient: Patient) -> list[Kept]:
    return standing(Allergy, patient)


def problems(patient: Patient) -> list[Kept]:
    return standing(Problem, patient)


def scores(course_id, instrument: str | None = None) -> list[Score]:
    """The scores of a course, oldest first."""
    rows = Score.objects.filter(course_id=course_id).order_by("at", "recorded_at")
    return list(rows.filter(instrument=instrument) if instrument else rows)
