"""Every URL, with every role: the wrong person gets nothing.

Each URL's ids are those of a real patient of the first site with something in every stage. A URL whose ids this
test cannot make fails it: say how below.
"""

from __future__ import annotations

import pytest

from serein_web.audit.models import Event
from serein_web.people.access import ANY_STAFF, LINK, PERMISSIONS, PERSON, PORTAL, PUBLIC
from serein_web.people.models import Role
from tests.repo.test_house import views
from tests.web.everything import ids_of_everything

pytestmark = pytest.mark.django_db

REFUSED = {302, 403, 404, 405}
ROLES = Role.values


def filled(route: str, ids: dict[str, str]) -> str:
    """The URL of a route with the ids of things that exist."""
    url = "/" + route
    for name, value in ids.items():
        for converter in ("uuid", "slug", "str", "int", ""):
            url = url.replace(f"<{converter}:{name}>" if converter else f"<{name}>", str(value))
    assert "<" not in url, f"say in tests/web/everything.py how to fill {route}"
    return url


def test_nobody_reaches_what_they_may_not(cast):
    ids = ids_of_everything(cast)
    clients = {name: cast.client(name) for name in [*ROLES, "other_prescriber", "patient", "stranger"]}
    anonymous = cast.client()
    for route, view in views():
        if view.permission == PUBLIC:
            continue
        url = filled(route, ids)
        if view.permission == LINK:
            continue  # judged by its own tests: the link is the key
        assert anonymous.get(url).status_code == 302, f"anonymous {url}"
        assert "log-in" in anonymous.get(url)["Location"], url
        if view.permission == PERSON:
            for name in ("stranger", "other_prescriber", "nurse"):
                answer = clients[name].get(url).status_code  # a thing of somebody else's: 404, never theirs
                assert answer in {200, 302, 405} | ({404} if "<" in route else set()), (
                    f"{name} {url} {answer}"
                )
            continue
        if view.permission == PORTAL:
            for name in [*ROLES, "other_prescriber"]:
                assert clients[name].get(url).status_code == 403, f"{name} {url}"
            if "<" in route:
                assert clients["stranger"].get(url).status_code in REFUSED, f"stranger {url}"
            continue
        for name in ("patient", "stranger"):
            assert clients[name].get(url).status_code == 403, f"{name} {url}"
        if view.permission == ANY_STAFF:
            continue
        for role in ROLES:
            answer = clients[role].get(url).status_code
            may = role in PERMISSIONS[view.permission]
            assert (answer == 403) != may or (may and answer in {200, 302, 404, 405, 204}), (
                f"{role} {url} {answer}"
            )
            if not may:
                assert answer == 403, f"{role} {url} {answer}"
        if "<" in route and "evidence" not in route:
            elsewhere = clients["other_prescriber"].get(url).status_code
            assert elsewhere in {403, 404, 405}, f"staff elsewhere {url} {elsewhere}"


def test_nobody_writes_where_they_may_not(cast):
    """The same walk with a form sent: refused, and nothing is written."""
    ids = ids_of_everything(cast)
    clients = {name: cast.client(name) for name in [*ROLES, "other_prescriber", "patient", "stranger"]}
    before = Event.objects.count()
    for route, view in views():
        if view.permission in {PUBLIC, LINK}:
            continue
        url = filled(route, ids)
        answers = {"anonymous": cast.client().post(url).status_code}
        if view.permission == PERSON:
            wrong = [*ROLES, "patient", "stranger"] if "<" in route else []
        elif view.permission == PORTAL:
            wrong = [*ROLES, "other_prescriber", *(["stranger"] if "<" in route else [])]
        else:
            held = PERMISSIONS.get(view.permission, frozenset(ROLES))
            wrong = ["patient", "stranger", *(role for role in ROLES if role not in held)]
        answers |= {name: clients[name].post(url).status_code for name in wrong}
        if view.permission not in {PORTAL, ANY_STAFF, PERSON} and "<" in route:
            answers["other_prescriber"] = clients["other_prescriber"].post(url).status_code
        assert {n: a for n, a in answers.items() if a not in REFUSED} == {}, url
    assert Event.objects.count() == before


def test_a_link_that_nobody_was_given_or_that_has_expired_opens_nothing_of_anybody(cast):
    ids = ids_of_everything(cast)
    links = [route for route, view in views() if view.permission == LINK]
    assert links
    secret = [cast.patient.family_name, cast.patient.given_name, cast.patient.birth_date.isoformat()]
    for route in links:
        for client in (cast.client(), cast.client("stranger"), cast.client("nurse")):
            for answer in (client.get(filled(route, ids)), client.post(filled(route, ids))):
                assert answer.status_code in {302, 404, 405, 410}, f"{route} {answer.status_code}"
                main = answer.content.decode().partition("<main")[2]
                assert [word for word in secret if word in main] == [], route
