"""Entries of a session's log as the tests write them: minutes after nine o'clock, by an invented nurse."""

from __future__ import annotations

import datetime as dt
import uuid

from serein.pathway.session import Entry, parse_entry

T0 = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


def at(minute: float) -> dt.datetime:
    return T0 + dt.timedelta(minutes=minute)


def entry(kind: str, minute: float, body: dict | None = None, **more) -> Entry:
    raw = {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "at": at(minute),
        "recorded_at": more.pop("recorded_at", at(600)),
        "body": body or {},
        "by": "nurse",
        "by_name": "Nurse Invented",
    } | more
    parsed = parse_entry(raw)
    assert isinstance(parsed, Entry), str(parsed)
    return parsed


def started(minute: float = 10, rate: float = 60.0) -> Entry:
    body = {"product": "ketamine", "route": "intravenous", "dose_mg": 40.0, "rate_mg_per_h": rate}
    return entry("dosing-start", minute, body)


def check_in(minute: float = 0) -> Entry:
    return entry("check-in", minute, {"identifiers": ["name", "date of birth"]})


def observed(minute: float, **values) -> Entry:
    return entry("observation", minute, {"values": values})
