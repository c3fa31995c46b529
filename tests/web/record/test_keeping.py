"""Staff keep medicines, allergies and problems, and the rules see what they keep."""

from __future__ import annotations

import pytest
from django.utils import timezone

from serein_web.record.actions import state_facts
from serein_web.record.models import Allergy, Medicine, Statement
from serein_web.record.queries import statements

pytestmark = pytest.mark.django_db


def url(cast, kind="medicine"):
    return f"/clinic/patients/{cast.patient.id}/record/{kind}/"


def keep(cast, who="nurse", kind="medicine", **changes):
    return cast.client(who).post(
        url(cast, kind), {"display": "Lorazepam 1 mg tablet", "dose": "1 mg at night"} | changes
    )


def test_a_medicine_that_staff_keep_is_seen_by_the_rules(cast):
    assert keep(cast).status_code == 302
    stated = Statement.objects.get(fact="takes_benzodiazepine")
    assert (stated.value, stated.source) == (True, "staff")
    assert "Lorazepam 1 mg tablet" in stated.because


def test_the_same_entry_posted_twice_is_one(cast):
    assert keep(cast).status_code == 302
    assert keep(cast, display="lorazepam 1 MG tablet").status_code == 400
    assert (Medicine.objects.count(), Statement.objects.count()) == (1, 1)


def test_a_name_that_no_rule_knows_states_nothing(cast):
    assert keep(cast, display="Invented herbal tea").status_code == 302
    assert Medicine.objects.count() == 1
    assert not Statement.objects.exists()


def test_an_entry_without_a_name_is_refused(cast):
    assert keep(cast, display="  ").status_code == 400
    assert not Medicine.objects.exists()


def test_ending_a_medicine_asks_what_is_true_now_and_an_open_answer_changes_no_fact(cast):
    keep(cast)
    row = Medicine.objects.get()
    nurse, stop = cast.client("nurse"), f"{url(cast)}{row.id}/stop/"
    assert b"benzodiazepine" in nurse.get(stop).content
    assert nurse.post(stop, {"ended_on": "2026-01-05"}).status_code == 302
    assert nurse.post(stop, {"ended_on": "2026-01-05"}).status_code == 400
    assert [m.status for m in Medicine.objects.order_by("recorded_at")] == ["active", "stopped"]
    assert [s.value for s in Statement.objects.all()] == [True]


def test_what_staff_answer_when_they_end_a_medicine_is_stated(cast):
    keep(cast)
    row = Medicine.objects.get()
    given = {"ended_on": "2026-01-05", "takes_benzodiazepine": "no"}
    assert cast.client("nurse").post(f"{url(cast)}{row.id}/stop/", given).status_code == 302
    assert [s.value for s in Statement.objects.order_by("at")] == [True, False]


def test_an_end_in_the_future_or_before_the_start_is_refused(cast):
    keep(cast, started_on="2026-01-03")
    row = Medicine.objects.get()
    for day in ("2126-01-01", "2026-01-02", ""):
        response = cast.client("nurse").post(f"{url(cast)}{row.id}/stop/", {"ended_on": day})
        assert response.status_code == 400
    assert Medicine.objects.count() == 1


def test_an_allergy_to_ketamine_is_seen_by_the_rules(cast):
    assert keep(cast, kind="allergy", display="Ketamine").status_code == 302
    assert Allergy.objects.count() == 1
    assert [s.value for s in Statement.objects.all()] == [True]


def test_only_clinicians_of_the_site_keep_the_record(cast):
    assert keep(cast, who="front_desk").status_code == 403
    assert keep(cast, who="patient").status_code == 403
    assert keep(cast, who="other_prescriber").status_code == 404
    assert keep(cast, kind="letter").status_code == 404
    keep(cast)
    stop = f"{url(cast)}{Medicine.objects.get().id}/stop/"
    assert cast.client("other_prescriber").post(stop, {"ended_on": "2026-01-05"}).status_code == 404
    assert cast.client("nurse").post(stop.replace("medicine", "allergy"), {}).status_code == 404


def test_statements_are_read_fast_as_they_are_read_one_by_one(cast, knowledge):
    """The rows without models are judged by the models' own way."""
    values = {"systolic_pressure": 150.0, "pregnancy": False}
    state_facts(
        by=cast.actor("nurse"),
        patient=cast.patient,
        values=values,
        at=timezone.now(),
        source="staff",
        knowledge=knowledge,
    )
    slow = sorted(
        (row.as_core() for row in Statement.objects.filter(patient=cast.patient)), key=lambda s: s.id
    )
    fast = sorted((s for s in statements(cast.patient) if "/" not in s.id), key=lambda s: s.id)
    assert fast == slow
    assert len(fast) >= 2
