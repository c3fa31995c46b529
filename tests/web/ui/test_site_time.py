"""Sentences of the core, by the clock of the page."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from serein_web.decisions import told
from serein_web.ui.site_time import at_site

AT = dt.datetime(2026, 7, 1, 2, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("42 min since the dose ended (01:48 UTC)", "42 min since the dose ended (21:48)"),
        ("yesterday evening (23:10 UTC)", "yesterday evening (19:10)"),
        ("answered on 2026-12-03 04:10 UTC", "answered on 2 Dec 2026 23:10"),
        ("active since 2026-10-26", "active since 26 Oct 2026"),
        ("no such day: 2026-19-99", "no such day: 2026-19-99"),
        ("no time at all", "no time at all"),
    ],
)
def test_one_page_shows_one_clock(said, shown):
    with timezone.override(ZoneInfo("America/New_York")):
        assert at_site(said, AT) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "weight 70.0 (Ada Invented, 2026-07-01 02:00 UTC)",
            "Weight, measured: 70\N{NO-BREAK SPACE}kg (Ada Invented, ",
        ),
        (
            "Systolic blood pressure: 138 (Ada, 02:10 UTC)",
            "Systolic blood pressure: 138\N{NO-BREAK SPACE}mmHg",
        ),
        ("Oxygen saturation (SpO2), room air: 97 (Ada, 02:10 UTC)", "room air: 97% (Ada, "),
        (
            "computed from systolic_pressure 172 and baseline_systolic_pressure 124",
            "Systolic blood pressure 172",
        ),
        ("takes_lithium yes (Ada, 2026-07-01 02:00 UTC)", "ithium"),
    ],
)
def test_a_statement_is_told_by_its_question_and_with_its_unit(knowledge, said, shown):
    line = told([said], knowledge, AT)[0]
    assert shown in line
    assert "_" not in line
