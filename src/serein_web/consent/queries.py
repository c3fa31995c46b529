"""Reading consents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from serein.pathway.consent import State, state
from serein_web.consent.models import ConsentDocument, Signature, Withdrawal
from serein_web.courses.models import Course
from serein_web.sessionlog import queries as sessionlog

LANGUAGE = "en"
"""The language that is asked for until a second one is published."""


def newest_document(product: str, language: str = LANGUAGE) -> ConsentDocument | None:
    rows = ConsentDocument.objects.filter(product=product, language=language)
    return rows.order_by("-version").first()


def signatures(course: Course) -> list[Signature]:
    """Every signature of a course, newest first, with its withdrawal where there is one."""
    rows = Signature.objects.filter(course=course).select_related("document", "withdrawal")
    return list(rows.order_by("-signed_at"))


def consent_state(course: Course) -> State:
    """Where the course stands: none, signed, new version, withdrawn. A refusal after all signatures counts."""
    document = newest_document(course.product)
    rows = signatures(course)
    if not rows and Withdrawal.objects.filter(course=course).exists():
        return "withdrawn"
    return state(tuple(row.as_core() for row in rows), document.version if document else None)


def last_dose(course: Course) -> tuple[dt.datetime | None, bool]:
    """When this person's last dose ended in any course (or began, if it runs), and whether one runs."""
    spans = sessionlog.dose_spans(patient=course.patient)
    running = sessionlog.running(course)
    runs = bool(running and running.dosing_started_at and not running.dosing_ended_at)
    return max((end for _, end in spans), default=None), runs


def sections(document: ConsentDocument, knowledge: Any) -> list[dict[str, Any]]:
    """The full text for a page: each section with its paragraphs and the citations behind it."""
    return [
        {
            "heading": section["heading"],
            "paragraphs": [line for line in section["text"].splitlines() if line.strip()],
            "sources": [
                knowledge.evidence[key].citation if key in knowledge.evidence else key
                for key in section["evidence"]
            ],
        }
        for section in document.body
    ]


def document_of(product: str, version: int, language: str = LANGUAGE) -> ConsentDocument | None:
    return ConsentDocument.objects.filter(product=product, version=version, language=language).first()


def withdrawals(course: Course) -> list[Withdrawal]:
    rows = Withdrawal.objects.filter(course=course).select_related("signature__document")
    return list(rows.order_by("-withdrawn_at"))


def signed_copy(signature: Signature, knowledge: Any) -> dict[str, Any]:
    """What a page or a print of a signature shows; `unchanged` says that the text is the one that was signed."""
    document = signature.document
    return {
        "signature": signature,
        "document": document,
        "sections": sections(document, knowledge),
        "withdrawal": getattr(signature, "withdrawal", None),
        "unchanged": document.unaltered and signature.digest == document.digest,
    }
