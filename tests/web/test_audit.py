"""The audit trail: events of an action join their chains when the action ends, all or none of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.audit.models import Event
from serein_web.audit.verify import end_of_seals, faults, faults_since
from serein_web.people.access import SEREIN


def say(chain: str, name: str) -> None:
    trail.record(chain=chain, by=SEREIN, action=name, subject="test:1", payload={"said": name})


@action
def inner(*, by, refuses: bool = False) -> Refusal | None:
    say("course:1", "inner")
    return refuse(Reason.NEEDS_REASON, "inner") if refuses else None


@action
def outer(*, by, inner_refuses: bool = False, breaks: bool = False) -> None:
    say("session:1", "first")
    inner(by=by, refuses=inner_refuses)
    say("course:1", "last")
    if breaks:
        raise RuntimeError("halfway")


def told(chain: str) -> list[str]:
    return [e.action for e in Event.objects.filter(chain=chain).order_by("seq")]


@pytest.mark.django_db
def test_each_chain_holds_its_events_in_the_order_in_which_they_happened():
    outer(by=SEREIN)
    outer(by=SEREIN)
    assert told("session:1") == ["first", "first"]
    assert told("course:1") == ["inner", "last", "inner", "last"]
    assert faults("session:1") == faults("course:1") == []


@pytest.mark.django_db
def test_a_refused_action_inside_another_leaves_no_event_of_its_own():
    outer(by=SEREIN, inner_refuses=True)
    assert told("course:1") == ["last"]


@pytest.mark.django_db
def test_an_action_that_breaks_leaves_no_event_and_the_next_one_is_not_disturbed():
    with pytest.raises(RuntimeError):
        outer(by=SEREIN, breaks=True)
    assert told("course:1") == []
    outer(by=SEREIN)
    assert told("course:1") == ["inner", "last"]


@pytest.mark.django_db
def test_nothing_is_recorded_outside_an_action():
    with pytest.raises(AssertionError):
        say("course:1", "alone")


@pytest.mark.django_db
def test_heads_are_locked_in_the_order_of_their_names_so_that_no_two_actions_wait_for_each_other():
    @action
    def crossing(*, by, chains: tuple[str, ...]) -> None:
        for chain in chains:
            say(chain, "crossing")

    crossing(by=SEREIN, chains=("chain:a", "chain:b"))
    for chains in (("chain:a", "chain:b"), ("chain:b", "chain:a")):
        with CaptureQueriesContext(connection) as asked:
            crossing(by=SEREIN, chains=chains)
        heads = [q["sql"] for q in asked if "SELECT" in q["sql"] and "audit_head" in q["sql"]]
        assert [name for sql in heads for name in ("chain:a", "chain:b") if name in sql] == [
            "chain:a",
            "chain:b",
        ]


TAMPERING = {
    "an altered name": "UPDATE audit_event SET by_name = 'Somebody else' WHERE chain = 'course:1' AND seq = 2",
    "an altered payload": 'UPDATE audit_payload SET content = \'{"said": "nothing"}\'',
    "a deleted event": "DELETE FROM audit_event WHERE chain = 'course:1' AND seq = 2",
    "a deleted last event": "DELETE FROM audit_event WHERE chain = 'course:1' AND seq = 4",
    "a deleted payload": "DELETE FROM audit_payload",
    "two events exchanged": "UPDATE audit_event SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END"
    " WHERE chain = 'course:1' AND seq IN (2, 3); UPDATE audit_event SET seq = seq - 100 WHERE seq > 100",
    "a chain taken out with its head": "DELETE FROM audit_event WHERE chain = 'session:1';"
    " DELETE FROM audit_head WHERE chain = 'session:1'",
    "an event moved to another chain": "UPDATE audit_event SET chain = 'course:2', seq = 1"
    " WHERE chain = 'course:1' AND seq = 4",
    "an altered seal": "UPDATE audit_seal SET at = '2020-01-01 00:00:00' WHERE seq = 1",
    "a deleted seal": "DELETE FROM audit_seal WHERE seq = 1",
    "a deleted head": "DELETE FROM audit_head WHERE chain = 'course:1'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_by_sql_is_found_and_named(how):
    outer(by=SEREIN)
    outer(by=SEREIN)
    assert faults() == []
    with connection.cursor() as cursor:
        for statement in TAMPERING[how].split(";"):
            cursor.execute(statement)
    found = faults()
    assert found, how
    named = (
        "seal"
        if "seal" in how
        else "payload"
        if "payload" in how
        else "session:1"
        if "chain taken" in how
        else "course:1"
    )
    assert any(named in line for line in found), found


@pytest.mark.django_db
def test_a_trail_that_was_cut_short_everywhere_alike_is_found_by_what_was_noted_outside():
    outer(by=SEREIN)
    first = end_of_seals()
    outer(by=SEREIN)
    noted = end_of_seals()
    assert faults_since(*first) == faults_since(*noted) == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_seal WHERE seq = %s", [noted[0]])
    assert faults_since(*first) == []
    assert "cut off" in faults_since(*noted)[0]


@pytest.mark.django_db
def test_a_payload_that_was_lawfully_emptied_breaks_nothing():
    outer(by=SEREIN)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_payload SET content = NULL")
    assert faults() == []
