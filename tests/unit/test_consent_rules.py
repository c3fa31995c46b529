"""Consent in the core: when somebody may sign and which signature holds."""

from __future__ import annotations

import datetime as dt

import pytest

from serein.errors import Reason
from serein.pathway.consent import Signed, may_sign, name_agrees, state

ZONE = "America/New_York"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def ask(now: str, **changes):
    given = {
        "now": utc(now),
        "stage": "consent",
        "version": 1,
        "newest": 1,
        "last_dose_at": utc("2026-03-02T20:00"),
        "dose_running": False,
        "time_zone": ZONE,
    }
    return may_sign(**given | changes)


def test_before_the_first_dose_a_consent_may_be_signed():
    assert ask("2026-03-02T21:00", last_dose_at=None) is None


@pytest.mark.parametrize("now", ["2026-03-02T20:00", "2026-03-02T23:59", "2026-03-03T04:59"])
def test_on_the_day_of_a_dose_nothing_is_signed_by_the_sites_calendar(now):
    refusal = ask(now)
    assert refusal.reason is Reason.NOT_ALLOWED_NOW
    assert "2026-03-03" in refusal.next_step


def test_on_the_next_day_of_the_site_a_consent_may_be_signed():
    assert ask("2026-03-03T05:00") is None


def test_while_a_dose_runs_past_midnight_nothing_is_signed():
    assert ask("2026-03-03T05:30", dose_running=True).reason is Reason.NOT_ALLOWED_NOW


def test_an_older_version_cannot_be_signed():
    assert ask("2026-03-04T12:00", newest=2).reason is Reason.CHANGED_MEANWHILE


@pytest.mark.parametrize("stage", ["enquiry", "screening", "ended"])
def test_outside_its_stages_nothing_is_signed(stage):
    assert ask("2026-03-04T12:00", stage=stage).reason is Reason.NOT_ALLOWED_NOW


def test_a_signature_holds_for_the_newest_version_only():
    signed = Signed(1, utc("2026-03-01T12:00"))
    assert state((), 1) == "none"
    assert state((signed,), 1) == "signed"
    assert state((signed,), 2) == "new version"


def test_a_withdrawn_signature_does_not_hold_until_a_later_one():
    gone = Signed(1, utc("2026-03-01T12:00"), withdrawn_at=utc("2026-03-01T13:00"))
    assert state((gone,), 1) == "withdrawn"
    assert state((gone, Signed(1, utc("2026-03-02T12:00"))), 1) == "signed"


def test_a_typed_name_agrees_whatever_its_capitals_and_spaces():
    assert name_agrees("  ada   INVENTED ", "Ada Invented") is None
    assert name_agrees("Ada", "Ada Invented").reason is Reason.MISMATCH
    assert name_agrees("  ", "Ada Invented").reason is Reason.MISSING
