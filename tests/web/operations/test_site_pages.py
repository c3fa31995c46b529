"""The administrator's pages: what is still to do, the clinic's details, its chairs; for their own site only."""

from __future__ import annotations

import pytest

from serein_web.people.models import Site
from serein_web.schedule.models import Chair

pytestmark = pytest.mark.django_db


def url(cast, rest: str = "") -> str:
    return f"/clinic/sites/{cast.site.id}/{rest}"


def test_the_page_says_which_steps_are_still_to_do(cast):
    page = cast.client("administrator").get(url(cast))
    open_steps = {s.title for s in page.context["steps"] if not s.done}
    assert {"The clinic", "Chairs"} <= open_steps
    assert "Staff" not in open_steps


def test_a_site_has_its_own_crisis_lines_on_its_patients_pages(cast):
    given = {
        "organisation": "Invented Trust",
        "telephone": "555 0100",
        "crisis_lines": "Harbour line: 555 0199, at night",
    }
    assert cast.client("administrator").post(url(cast, "details/"), given).status_code == 302
    assert "555 0199" in cast.client("patient").get("/portal/").content.decode()
    assert "555 0199" not in cast.client("stranger").get("/portal/").content.decode()


@pytest.mark.parametrize("line", ["Lifeline", "Lifeline 131114", ": 12", "Lifeline: call us"])
def test_a_crisis_line_without_a_number_is_refused_and_nothing_is_kept(cast, line):
    given = {"organisation": "Invented Trust", "telephone": "555 0100", "crisis_lines": line}
    answer = cast.client("administrator").post(url(cast, "details/"), given)
    assert answer.status_code == 400
    assert "13 11 14" in answer.content.decode()
    assert Site.objects.get(id=cast.site.id).telephone == ""


def test_a_chair_is_added_once(cast):
    client = cast.client("administrator")
    assert client.post(url(cast, "chairs/"), {"name": "Window"}).status_code == 302
    assert client.post(url(cast, "chairs/"), {"name": "Window "}).status_code == 400
    assert Chair.objects.filter(site=cast.site).count() == 1


def test_another_site_is_not_there(cast):
    assert cast.client("administrator").get(f"/clinic/sites/{cast.elsewhere.id}/").status_code == 404
    assert cast.client("nurse").get(url(cast)).status_code == 403
