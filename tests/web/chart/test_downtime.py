"""The downtime sheets: everybody who comes today, with the order and an empty chart, and nobody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from serein_web.chart.downtime import sheets
from serein_web.schedule.actions import book
from tests.web.session_steps import course_with_order

pytestmark = pytest.mark.django_db


def test_a_sheet_has_the_order_the_identity_and_rows_at_the_minutes_of_the_route(cast, knowledge):
    course_with_order(cast)
    book(
        by=cast.actor("nurse"),
        patient=cast.patient,
        kind="session",
        starts_at=timezone.now() + dt.timedelta(seconds=5),
        minutes=60,
    )
    [sheet] = sheets(cast.site, timezone.now(), knowledge)
    assert (sheet.patient, sheet.order["dose_mg"], sheet.consented, sheet.session_number) == (
        cast.patient,
        35.0,
        True,
        1,
    )
    assert sheet.rows[:3] == ["0", "10", "20"]
    page = cast.client("nurse").get("/clinic/downtime/").content.decode()
    assert cast.patient.name in page
    assert "35 mg" in page
    assert "not recorded: ask" in page


def test_whoever_has_no_order_is_told_apart_and_other_sites_are_not_printed(cast, knowledge):
    for patient, who in ((cast.patient, "nurse"), (cast.stranger, "other_prescriber")):
        book(
            by=cast.actor(who),
            patient=patient,
            kind="session",
            starts_at=timezone.now() + dt.timedelta(seconds=5),
            minutes=60,
        )
    page = cast.client("nurse").get("/clinic/downtime/").content.decode()
    assert "No order stands: no dose." in page
    assert cast.stranger.family_name not in page
