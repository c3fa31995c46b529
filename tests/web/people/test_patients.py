"""The list of patients, and the log-in."""

from __future__ import annotations

import pytest

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/clinic/patients/"


def test_a_name_that_is_looked_for_stands_in_no_address(cast):
    nurse = cast.client("nurse")
    shown = nurse.post(URL, {"find": "Inven"}, follow=True)
    assert shown.redirect_chain == [(URL, 302)]
    assert shown.request["QUERY_STRING"] == ""
    assert "Invented, Ada" in shown.content.decode()
    page = nurse.get(URL).content.decode()
    assert 'method="get"' not in page
    assert "Inven" not in "".join(part.split('"')[0] for part in page.split('href="')[1:])


def test_a_list_that_was_narrowed_is_found_again_as_it_was(cast):
    nurse = cast.client("nurse")
    nurse.post(URL, {"find": "Nobody"})
    assert "Nobody found" in nurse.get(URL).content.decode()
    assert "Invented, Ada" in nurse.post(URL, {"find": ["Nobody", ""]}, follow=True).content.decode()


def test_a_name_in_the_address_finds_nothing_out(cast):
    assert "Invented, Ada" in cast.client("nurse").get(URL, {"find": "Nobody"}).content.decode()


def test_what_is_looked_for_is_one_persons_and_of_their_site(cast):
    cast.client("nurse").post(URL, {"find": "Nobody"})
    assert "Invented, Ada" in cast.client("front_desk").get(URL).content.decode()
    elsewhere = cast.client("other_prescriber").post(URL, {"find": "Ada"}, follow=True)
    assert "Invented, Ada" not in elsewhere.content.decode()


def test_a_nul_in_a_name_breaks_nothing(cast):
    assert "Invented, Ada" in cast.client("nurse").post(URL, {"find": "A\0da"}, follow=True).content.decode()


def test_a_wrong_password_says_so_calmly_and_keeps_the_username(cast):
    client = cast.client()
    for _ in range(5):
        response = client.post("/log-in/", {"username": "patient", "password": "wrong"})
        shown = response.content.decode()
        assert response.status_code == 200
        assert "You are not logged in" in shown
        assert 'value="patient"' in shown
        assert 'href="tel:988"' in shown


def test_too_many_wrong_passwords_rest_the_log_in_and_say_how_long(cast, settings):
    settings.AXES_ENABLED = True
    client = cast.client()
    answers = [
        client.post("/log-in/", {"username": "patient", "password": "wrong"})
        for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1].status_code == 429
    shown = answers[-1].content.decode()
    assert "15 minutes" in shown
    assert 'href="tel:988"' in shown
    again = client.post("/log-in/", {"username": "patient", "password": PASSWORD})
    assert again.status_code == 429


def test_the_pages_say_the_time_that_the_log_in_rests(settings):
    assert settings.AXES_COOLOFF_TIME * 60 == 15
