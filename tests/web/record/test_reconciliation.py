"""The list of medicines, gone through before every session: line by line, whole, by name."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from serein.logic import Facts
from serein_web.record import actions
from serein_web.record.models import Medicine, Reconciliation, Statement
from serein_web.record.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(cast):
    names = ("Lorazepam 1 mg tablet", "Vitamin D 1000 IU")
    return [
        actions.keep(by=cast.actor("nurse"), patient=cast.patient, model=Medicine, display=n) for n in names
    ]


def url(cast) -> str:
    return f"/clinic/patients/{cast.patient.id}/medicines/"


def given(rows, **changes) -> dict[str, str]:
    answers = {str(row.id): "as-written" for row in rows} | {f"{row.id}-note": "" for row in rows}
    return answers | {"whole": "on"} | changes


def known(cast, knowledge, fact: str):
    return Facts(statements(cast.patient), knowledge, timezone.now() + dt.timedelta(seconds=1))[fact]


def test_a_list_that_was_gone_through_is_attested_and_its_facts_are_fresh(cast, knowledge, taken):
    assert cast.client("nurse").post(url(cast), given(taken)).status_code == 302
    assert known(cast, knowledge, "medicines_confirmed_today").value is True
    assert known(cast, knowledge, "takes_benzodiazepine").value is True
    assert [line["display"] for line in Reconciliation.objects.get().lines] == [m.display for m in taken]


def test_a_list_that_is_not_whole_attests_nothing(cast, taken):
    client = cast.client("nurse")
    for wrong in (given(taken, whole=""), {k: v for k, v in given(taken).items() if k != str(taken[0].id)}):
        assert client.post(url(cast), wrong).status_code == 400
    assert not Reconciliation.objects.exists()
    assert not Statement.objects.filter(fact="medicines_confirmed_today").exists()


def test_a_medicine_that_was_added_meanwhile_is_asked_for(cast, knowledge, taken):
    answered = {str(row.id): ("as-written", "") for row in taken[:1]}
    refused = actions.reconcile(
        by=cast.actor("nurse"), patient=cast.patient, lines=answered, knowledge=knowledge
    )
    assert taken[1].display in str(refused)


def test_one_that_is_taken_differently_is_said_how(cast, taken):
    client = cast.client("nurse")
    differently = {str(taken[0].id): "differently"}
    assert client.post(url(cast), given(taken, **differently)).status_code == 400
    said = differently | {f"{taken[0].id}-note": "half of it since Monday"}
    assert client.post(url(cast), given(taken, **said)).status_code == 302
    assert Reconciliation.objects.get().lines[0]["note"] == "half of it since Monday"


def test_nothing_taken_is_attested_too_and_states_no_medicine_away(cast, knowledge):
    assert cast.client("nurse").post(url(cast), {"whole": "on"}).status_code == 302
    assert known(cast, knowledge, "medicines_confirmed_today").value is True
    assert not hasattr(known(cast, knowledge, "takes_benzodiazepine"), "value")


def test_the_way_back_is_our_own_page_only(cast):
    client = cast.client("nurse")
    answer = client.post(url(cast), {"whole": "on", "next": "https://example.org/"})
    assert answer["Location"] == f"/clinic/patients/{cast.patient.id}/"
    assert cast.client("front_desk").get(url(cast)).status_code == 403
    assert cast.client("other_prescriber").get(url(cast)).status_code == 404
