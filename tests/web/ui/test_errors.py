"""What somebody reads when something went wrong: calm, with the crisis line, and with what they had written."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from serein_web.ui.errors import server_error

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
SENTENCE = "I would like to be called after five."


@pytest.fixture
def strict(cast):
    """A browser whose forms need the token, as outside of tests."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.users["patient"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_form_with_an_old_token_is_refused_calmly_and_shows_what_was_written(cast, strict):
    page = f"{HERE}/enquiry/{cast.site.id}/"
    given = {"reach_by": SENTENCE, "given_name": "Nora", "csrfmiddlewaretoken": "x" * 64}
    response = strict.post(page, given, headers={"Referer": page})
    shown = response.content.decode()
    assert response.status_code == 403
    assert SENTENCE in shown
    assert f'href="{page}"' in shown
    assert 'href="tel:988"' in shown
    assert "x" * 64 not in shown
    assert "no-store" in response["Cache-Control"]


def test_another_site_cannot_put_its_words_on_the_page(cast, strict):
    given = {"reach_by": SENTENCE}
    for headers in ({}, {"Referer": "https://example.org/"}):
        response = strict.post(f"/enquiry/{cast.site.id}/", given, headers=headers)
        assert response.status_code == 403
        assert SENTENCE not in response.content.decode()
        assert "example.org" not in response.content.decode()


def test_a_password_is_never_shown_again(strict):
    given = {"username": "somebody-with-a-long-name", "password": "a-secret-of-twenty-letters"}
    shown = strict.post("/log-in/", given, headers={"Referer": f"{HERE}/log-in/"}).content.decode()
    assert "a-secret-of-twenty-letters" not in shown


def test_a_broken_page_shows_the_crisis_lines_of_the_country_that_the_request_knows(settings):
    request = RequestFactory().get("/")
    assert b'href="tel:988"' in server_error(request).content
    request.crisis_lines = settings.SEREIN_CRISIS_LINES_BY_JURISDICTION["UK"]
    response = server_error(request)
    assert response.status_code == 500
    assert b'href="tel:116123"' in response.content
    assert b"988" not in response.content


@pytest.mark.parametrize(("who", "path"), [("stranger", "/nothing-here/"), ("stranger", "/clinic/today/")])
def test_pages_that_are_missing_or_closed_show_the_crisis_lines_of_the_readers_country(cast, who, path):
    response = cast.client(who).get(path)
    assert response.status_code in {403, 404}
    assert b'href="tel:116123"' in response.content
    assert reverse("people:home").encode() in response.content
