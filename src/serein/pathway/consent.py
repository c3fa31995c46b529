"""Consent: when somebody may sign, which signature holds, and what a typed name must agree with.

A signature holds for the newest published version of its product's document and no other; a withdrawal ends it.
Nothing is signed between a dose and the next day of the site's calendar.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from serein.errors import Reason, Refusal, refuse

SIGNED_IN = ("consent", "plan", "session", "recovery", "followup", "outcomes")
"""The stages of a course in which a consent may be signed: from acceptance until it ends."""

State = Literal["none", "signed", "new version", "withdrawn"]


class Signed(msgspec.Struct, frozen=True):
    """One signature as it counts here: the version signed, when, and when it was withdrawn."""

    version: int
    at: dt.datetime
    withdrawn_at: dt.datetime | None = None


def state(signatures: tuple[Signed, ...], newest: int | None) -> State:
    """Where a course stands with its consent. `newest` is the newest published version, None before the first."""
    if not signatures:
        return "none"
    last = max(signatures, key=lambda s: s.at)
    if last.withdrawn_at is not None:
        return "withdrawn"
    return "signed" if last.version == newest else "new version"


def may_sign(
    *,
    now: dt.datetime,
    stage: str,
    version: int,
    newest: int,
    last_dose_at: dt.datetime | None,
    dose_running: bool,
    time_zone: str,
) -> Refusal | None:
    """Why this version cannot be signed at this instant, or None. `time_zone` is the site's."""
    if stage not in SIGNED_IN:
        return refuse(
            Reason.NOT_ALLOWED_NOW, "signing", stage, next="A consent is signed after screening has accepted."
        )
    if version != newest:
        return refuse(
            Reason.CHANGED_MEANWHILE, "the consent document", f"version {newest} replaced {version}"
        )
    return too_soon_after_dose(
        now=now, last_dose_at=last_dose_at, dose_running=dose_running, time_zone=time_zone
    )


def too_soon_after_dose(
    *, now: dt.datetime, last_dose_at: dt.datetime | None, dose_running: bool, time_zone: str
) -> Refusal | None:
    """Between a dose and the next calendar day of the site nothing is signed; a dose under way has no next day."""
    if last_dose_at is None:
        return None
    zone = ZoneInfo(time_zone)
    dose_day = last_dose_at.astimezone(zone).date()
    if not dose_running and now.astimezone(zone).date() > dose_day:
        return None
    again = dose_day + dt.timedelta(days=1)
    return refuse(
        Reason.NOT_ALLOWED_NOW,
        "signing",
        "a dose was given on this day",
        next=f"Sign on {again.isoformat()} or later, after a night of sleep.",
    )


def name_agrees(typed: str, name: str) -> Refusal | None:
    """The typed name must be the registered one; capitals and spaces do not matter."""
    if not typed.strip():
        return refuse(Reason.MISSING, "full name")
    if _plain(typed) == _plain(name):
        return None
    return refuse(Reason.MISMATCH, "full name", typed, next=f"Type it as it is registered here: {name}.")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
