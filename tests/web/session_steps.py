"""The steps of a session as the tests take them: a course with order and consent, the gate answered, the dose begun."""

from __future__ import annotations

import datetime as dt
import uuid
from unittest import mock

from django.utils import timezone

from serein_web.courses.actions import publish
from serein_web.courses.models import Course
from serein_web.recovery import actions as recovery
from serein_web.session import actions
from serein_web.sessionlog.models import Session

ORDER = {
    "product": "ketamine",
    "route": "intravenous",
    "dose_low_mg": 20.0,
    "dose_high_mg": 40.0,
    "dose_mg": 35.0,
    "over_min": 40.0,
    "rate_mg_per_h": 52.5,
    "concentration_mg_per_ml": 1.0,
    "volume_ml": 35.0,
    "pump_ml_per_h": 52.5,
}
READ = {
    "product": "ketamine",
    "dose_mg": 35.0,
    "concentration_mg_per_ml": 1.0,
    "volume_ml": 35.0,
    "pump_ml_per_h": 52.5,
}
DAY = {
    "systolic_pressure": 122.0,
    "diastolic_pressure": 78.0,
    "heart_rate": 70.0,
    "oxygen_saturation": 98.0,
    "respiratory_rate": 14.0,
    "sedation_moaas": 5.0,
    "hours_since_food": 9.0,
    "hours_since_drink": 4.0,
    "intoxicated_today": False,
    "new_suicidal_thoughts": False,
    "pregnancy_excluded_today": True,
    "escort_arranged": True,
    "plans_to_drive_today": False,
    "airway_infection_today": False,
    "alcohol_last_day": False,
    "medicines_confirmed_today": True,
    "monitor_alarms_on": True,
}
LEAVING = {
    "systolic_pressure": 122.0,
    "diastolic_pressure": 78.0,
    "oxygen_saturation": 98.0,
    "sedation_moaas": 5.0,
    "nausea_rating": 0.0,
    "aldrete_total": 10.0,
    "back_to_self": True,
    "walks_unaided": True,
    "cannula_removed": True,
    "new_suicidal_thoughts": False,
}


def ago(minutes: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=minutes)


def course_with_order(cast, patient=None) -> Course:
    course = cast.course(patient=patient, state="session")
    for kind, body in (("decision", {}), ("consent", {}), ("order", ORDER)):
        publish(
            by=cast.actor("prescriber"),
            course=course,
            kind=kind,
            body=body,
            source_id=uuid.uuid4(),
            valid_from=timezone.now() - dt.timedelta(days=1),
        )
    return course


def opened(cast, minutes_ago: float = 0) -> Session:
    session = actions.open_session(
        by=cast.actor("nurse"), course=course_with_order(cast), at=ago(minutes_ago)
    )
    assert isinstance(session, Session), str(session)
    return session


def add(cast, knowledge, session, kind, body=None, who="nurse", minutes_ago: float = 0, **more):
    """An entry charted so many minutes ago, when it happened."""
    then = ago(minutes_ago)
    with mock.patch.object(timezone, "now", return_value=then):
        entry = actions.chart(
            by=cast.actor(who), session=session, kind=kind, body=body or {}, knowledge=knowledge, **more
        )
    assert not hasattr(entry, "reason"), str(entry)
    return entry


def ready(cast, knowledge, minutes_ago: float = 0) -> Session:
    """A session whose gate is open."""
    session = opened(cast, minutes_ago + 5)
    add(
        cast,
        knowledge,
        session,
        "check-in",
        {"identifiers": ["name", "date of birth"]},
        minutes_ago=minutes_ago + 4,
    )
    add(cast, knowledge, session, "observation", {"values": DAY}, minutes_ago=minutes_ago + 3)
    for who in ("nurse", "second_nurse"):
        add(cast, knowledge, session, "settings-read", READ, who, minutes_ago=minutes_ago + 2)
    return session


def dosing(cast, knowledge, minutes_ago: float = 0) -> Session:
    session = ready(cast, knowledge, minutes_ago)
    add(cast, knowledge, session, "dosing-start", minutes_ago=minutes_ago)
    return session


def dosed(cast, knowledge, minutes_ago: float = 0) -> Session:
    """A session whose infusion of forty minutes ended so many minutes ago."""
    session = dosing(cast, knowledge, minutes_ago + 40)
    add(cast, knowledge, session, "dosing-stop", {"how": "completed"}, minutes_ago=minutes_ago)
    return session


def fit_to_leave(cast, knowledge, **changes) -> Session:
    """A session after which every criterion of discharge holds, changed as said."""
    session = dosed(cast, knowledge, 65)
    add(cast, knowledge, session, "observation", {"values": LEAVING | changes})
    for kind, body in (
        ("escort", {"name": "Kim", "arrived": True}),
        ("instructions-given", {"what": "sheet"}),
    ):
        written = recovery.chart(
            by=cast.actor("nurse"), session=session, kind=kind, body=body, knowledge=knowledge
        )
        assert not hasattr(written, "reason"), str(written)
    return session
