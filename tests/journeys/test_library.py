"""Somebody reads before they ask: on a phone, in two languages, from a number to its source."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from serein_web.library.reading import library
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.journey


def test_a_stranger_reads_in_two_languages_and_follows_a_number_to_its_source(cast, visit):
    reader = visit(size=PHONE)
    reader.go("/")
    reader.follow("Read about anxiety, ketamine and what else could help")
    reader.shows("library-contents", dark=True, sizes=(DESK,))
    reader.send(reader.page.get_by_role("link", name="Side effects, in pictures"))
    reader.shows("library-side-effects", dark=True, sizes=(DESK,))
    reader.send(reader.page.locator("header").get_by_role("link", name="Español"))
    expect(reader.page.locator("html")).to_have_attribute("lang", "es")
    reader.reads("Efectos no deseados, en imágenes")
    reader.shows("library-side-effects-es")
    reader.send(reader.page.locator("a.figure", has_text="41").first)
    reader.reads("prescribing information")
    reader.shows("library-source-es", sizes=(DESK,))
    expect(reader.page.locator(".help-bar")).to_contain_text("988")
    reader.send(reader.page.locator("header").get_by_role("link", name="English"))
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    assert reader.page.url.endswith("/about/sources/spravato-us-adverse-reactions/")


def test_the_evidence_can_be_filtered_and_read_on_a_phone(cast, visit):
    reader = visit(size=PHONE)
    reader.go("/about/evidence/")
    reader.page.get_by_label("About", exact=True).select_option("social anxiety")
    reader.press("Show")
    reader.reads("Taylor 2018")
    expect(reader.page.locator("main")).not_to_contain_text("Feder 2021")
    reader.shows("library-evidence", dark=True, sizes=(DESK,))
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_page_is_clean_for_axe_and_fits_a_phone(cast, visit):
    reader = visit(size=PHONE)
    for language in ("en", "es"):
        reader.go(f"/about/words/?language={language}")
        reader.shows(f"library-words-{language}")
        for key in library().pages[language]:
            reader.go(f"/about/{key}/")
            reader.shows(f"library-{key}-{language}")
            assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), key
