"""The chair page: undo, the trend, and what stands at the top."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.utils import timezone

from serein_web.sessionlog.queries import state
from tests.web.session_steps import add, dosing

pytestmark = pytest.mark.django_db


def page_of(session) -> str:
    return f"/clinic/courses/{session.course_id}/session/{session.id}/"


def tap(client, session, **values) -> str:
    client.post(page_of(session) + "chart/observation/", {"id": str(uuid.uuid4()), **values})
    return client.get(page_of(session)).content.decode()


def test_one_tap_can_be_taken_back_at_once_and_stays_in_the_log(cast, knowledge):
    session, nurse = dosing(cast, knowledge), cast.client("nurse")
    html = tap(nurse, session, nausea_rating="7")
    form = re.search(r'<form method="post" action="([^"]+)" class="undo".*?</form>', html, re.DOTALL)
    assert form, "no offer to undo"
    given = dict(re.findall(r'name="(do|id|reason)" value="([^"]*)"', form[0]))
    assert nurse.post(form[1], given).status_code == 302
    assert state(session).latest("nausea_rating") is None


def test_undo_is_offered_to_whoever_charted_and_for_ten_seconds_only(cast, knowledge, monkeypatch):
    session, nurse = dosing(cast, knowledge), cast.client("nurse")
    assert 'class="undo"' in tap(nurse, session, nausea_rating="2")
    assert 'class="undo"' not in cast.client("prescriber").get(page_of(session)).content.decode()
    later = timezone.now() + dt.timedelta(seconds=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert 'class="undo"' not in nurse.get(page_of(session)).content.decode()


def test_name_phase_and_stop_stand_before_the_readings(cast, knowledge):
    html = cast.client("nurse").get(page_of(dosing(cast, knowledge))).content.decode()
    places = [
        html.index(words)
        for words in ('"name">Ada Invented<', ">Dosing<", "Stop the dose", 'class="readings"')
    ]
    assert places == sorted(places)


def test_the_trend_has_the_dose_the_baseline_and_the_limit(cast, knowledge):
    session = dosing(cast, knowledge, minutes_ago=10)
    add(cast, knowledge, session, "observation", {"values": {"systolic_pressure": 150.0}}, minutes_ago=2)
    html = cast.client("nurse").get(page_of(session)).content.decode()
    for words in ("baseline 122", "alarm from 160", "52.5\N{NO-BREAK SPACE}mg/h", ">150<"):
        assert words in html, words


def test_a_live_answer_brings_the_head_anew(cast, knowledge):
    session = dosing(cast, knowledge)
    html = cast.client("nurse").get(page_of(session) + "live/?seq=0").content.decode()
    assert 'id="chair-head"' in html
    assert "hx-swap-oob" in html


def test_a_number_that_no_alarm_counts_any_more_looks_old(cast, knowledge):
    session = dosing(cast, knowledge, minutes_ago=40)
    add(cast, knowledge, session, "observation", {"values": {"respiratory_rate": 14.0}}, minutes_ago=30)
    html = cast.client("nurse").get(page_of(session)).content.decode()
    assert '<section class="reading stale" aria-label="Respiratory rate">' in html
    add(cast, knowledge, session, "observation", {"values": {"respiratory_rate": 15.0}})
    html = cast.client("nurse").get(page_of(session)).content.decode()
    assert '<section class="reading" aria-label="Respiratory rate">' in html
