"""The public library: anybody reads, in two languages, and every number opens its source."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.urls import reverse

from serein.errors import KnowledgeError
from serein.knowledge.figures import Figure
from serein.knowledge.pages import LANGUAGES
from serein_web import library as app
from serein_web.library.apps import pages_load
from serein_web.library.reading import library
from serein_web.library.shown import people

pytestmark = pytest.mark.django_db

HERE = Path(app.__file__).parent
LIGHT_BYTES = 150_000


@pytest.fixture(params=LANGUAGES)
def reader(request, client, cast):
    client.get(f"/about/?language={request.param}")
    client.language = request.param
    return client


def test_every_page_opens_with_its_words_its_numbers_and_the_crisis_line(reader):
    for key, page in library().pages[reader.language].items():
        answer = reader.get(f"/about/{key}/")
        html = answer.content.decode()
        assert answer.status_code == 200, key
        assert f'<html lang="{reader.language}"' in html
        assert 'href="tel:988"' in html, key
        assert len(html) < LIGHT_BYTES, key
        for figure in page.figures():
            assert f'class="figure" href="/about/sources/{figure.source}/"' in html, figure.reference


def test_every_source_that_a_page_rests_on_opens_and_leads_back(reader):
    pages = library().pages[reader.language]
    for source in {figure.source for page in pages.values() for figure in page.figures()}:
        answer = reader.get(f"/about/sources/{source}/")
        assert answer.status_code == 200, source
        back = re.findall(r'href="/about/([a-z-]+)/"', answer.content.decode())
        assert set(back) & set(pages), source


def test_every_link_inside_leads_somewhere(reader):
    seen, waiting = set(), ["/about/", "/about/evidence/", "/about/words/"]
    while waiting:
        url = waiting.pop()
        seen.add(url)
        html = reader.get(url).content.decode()
        assert reader.get(url).status_code == 200, url
        for found in re.findall(r'href="(/about/[^"#?]*)', html):
            if found not in seen and found not in waiting:
                waiting.append(found)
        for to, anchor in re.findall(r'href="(/about/[^"#?]*)#([^"]+)"', html):
            assert f'id="{anchor}"' in reader.get(to).content.decode(), f"{url}: {to}#{anchor}"
    assert len(seen) > 90


def test_a_broken_page_stops_every_command(monkeypatch):
    def broken(*_: object) -> None:
        raise KnowledgeError("text/en/pages/cost.toml", 7, '"590" is typed')

    assert pages_load() == []
    monkeypatch.setattr("serein.knowledge.pages.load_pages", broken)
    assert [str(e.msg) for e in pages_load()] == ['text/en/pages/cost.toml:7: "590" is typed']


def test_what_nobody_wrote_is_not_there(client, cast):
    for url in ("/about/no-such-page/", "/about/sources/no-such-source/", "/about/evidence/no-such/"):
        assert client.get(url).status_code == 404


def test_choosing_a_language_stays_on_the_page_and_is_remembered(client, cast):
    answer = client.get("/about/evidence/?disorder=panic&language=es")
    assert answer["Location"] == "/about/evidence/?disorder=panic"
    assert "Cada estudio que conocemos" in client.get("/about/evidence/").content.decode()
    assert 'href="/about/cost/?language=en"' in client.get("/about/cost/").content.decode()


def test_an_unknown_language_changes_nothing(client, cast):
    answer = client.get("/about/cost/?language=xx")
    assert answer["Location"] == "/about/cost/"
    assert not answer.cookies
    assert '<html lang="en"' in client.get("/about/cost/").content.decode()


def test_the_evidence_is_filtered_by_kind_and_topic(client, cast):
    html = client.get("/about/evidence/?kind=randomised+trial&disorder=social+anxiety").content.decode()
    assert "/about/sources/taylor-2018/" in html
    assert "/about/sources/glue-2017/" not in html
    assert "/about/sources/feder-2021/" not in html


def test_a_filter_that_is_no_choice_is_refused_in_words(client, cast):
    answer = client.get("/about/evidence/?kind=magic")
    assert answer.status_code == 400
    assert "magic" in answer.content.decode()


def test_an_empty_shelf_says_so(client, cast):
    html = client.get("/about/evidence/?kind=label+or+regulator&disorder=phobia").content.decode()
    assert "We know of no such study" in html


def test_a_stranger_finds_the_library_from_the_welcome_page(client, cast):
    assert 'href="/about/"' in client.get(reverse("enquiry:welcome")).content.decode()


@pytest.mark.parametrize(
    ("value", "drawn"), [(0, 0), (0.3, 0), (1, 1), (10, 10), (41, 41), (88.9, 89), (100, 100)]
)
def test_a_picture_draws_as_many_dots_as_people(value, drawn):
    of_100 = people(Figure("", value, "", ""), "")

    def dots(path: str) -> int:
        return sum(
            (int(end) - int(start)) // 10 + 1 for start, end in re.findall(r"M(\d+) \d+H(\d+)\.1", path)
        )

    assert (dots(of_100.on), dots(of_100.off)) == (drawn, 100 - drawn)


def test_every_word_of_the_frame_is_there_in_spanish():
    catalog = gettext.GNUTranslations((HERE / "locale/es/LC_MESSAGES/django.mo").open("rb"))
    used = set()
    for path in [*HERE.rglob("*.html"), HERE.parent / "ui/templates/ui/help_bar.html"]:
        used |= set(re.findall(r'\{% translate "([^"]+)" %\}', path.read_text()))
    for path in HERE.rglob("*.py"):
        used |= set(re.findall(r'_\("([^"]+)"\)', path.read_text()))
    assert len(used) > 70
    assert [text for text in sorted(used) if catalog.gettext(text) == text and text != "Serein"] == []
