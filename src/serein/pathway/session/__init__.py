"""A session: an append-only log whose state is a fold, the gate before the dose, and what is due next."""

from serein.pathway.session.due import Due, due, next_unit_at, observed_until
from serein.pathway.session.entries import KINDS, Entry, parse_entry
from serein.pathway.session.gate import (
    NOT_STATED,
    OWN_PAGE,
    baseline_of,
    charted_late,
    checks,
    course_statements,
    gate,
    monitoring_rules,
    questions,
    statements,
    without_loosening,
)
from serein.pathway.session.state import SessionState, allowed, effective, fold, refuse_now

__all__ = [
    "KINDS",
    "NOT_STATED",
    "OWN_PAGE",
    "Due",
    "Entry",
    "SessionState",
    "allowed",
    "baseline_of",
    "charted_late",
    "checks",
    "course_statements",
    "due",
    "effective",
    "fold",
    "gate",
    "monitoring_rules",
    "next_unit_at",
    "observed_until",
    "parse_entry",
    "questions",
    "refuse_now",
    "statements",
    "without_loosening",
]
