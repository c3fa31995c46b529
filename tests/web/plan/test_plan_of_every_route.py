"""The plan of every route, the protocols a site adopts, the proposal for the next dose, the printed checklists."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein.errors import Reason, Refusal
from serein.pathway.plan import protocol_digest
from serein_web.audit.verify import faults
from serein_web.courses.actions import publish
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.plan import actions
from serein_web.plan.models import Order, PlanDraft, ProtocolAdoption
from serein_web.record.actions import add_score
from serein_web.sessionlog.forms import DoseGivenForm, SettingsReadForm
from tests.web.plan.test_plan import plan, sign, weigh
from tests.web.session_steps import add, fit_to_leave, opened

pytestmark = pytest.mark.django_db

INJECTION = "ketamine-hydrochloride-injection"
NOT_FOR_PUMPS = ("over", "concentration")
# route, substance, what is typed, what the order says, what the page shows
ROUTES = [
    (
        "intramuscular",
        "ketamine",
        {"product_key": INJECTION, "dose": "0.25 mg/kg", "strength": "50 mg/mL"},
        {"dose_mg": 18.0, "volume_ml": 0.36, "concentration_mg_per_ml": 50.0, "given_as": "injection"},
        ("Where it goes", "Upper arm (deltoid)", "0.36", "No food for"),
    ),
    (
        "subcutaneous",
        "ketamine",
        {"product_key": INJECTION, "dose": "0.5 mg/kg", "strength": "100 mg/mL"},
        {"dose_mg": 36.0, "volume_ml": 0.36, "given_as": "injection"},
        ("Where it goes", "Abdomen or outer thigh"),
    ),
    (
        "nasal",
        "esketamine",
        {"product_key": "esketamine-nasal-spray", "dose": "84 mg"},
        {"dose_mg": 84.0, "units": 3.0, "unit": "nasal device", "between_units": "5 min", "over_min": 10.0},
        ("3 × nasal device", "at least 5 min between two", "Not primed"),
    ),
    (
        "nasal",
        "ketamine",
        {"product_key": "compounded-nasal-spray", "dose": "50 mg", "spacing": "7 d", "series_over": "42 d"},
        {"dose_mg": 43.3, "units": 5.0, "labelled": "50 mg ketamine hydrochloride", "over_min": 20.0},
        ("Unapproved", "5 × nasal spray", "16 Feb 2022", "1.15333"),
    ),
    (
        "oral",
        "ketamine",
        {"product_key": "compounded-oral-solution", "dose": "50 mg", "strength": "10 mg/mL"},
        {"dose_mg": 50.0, "volume_ml": 5.0, "pump_ml_per_h": None, "given_as": "swallowed"},
        ("Unapproved", "10 Oct 2023"),
    ),
    (
        "sublingual",
        "ketamine",
        {"product_key": "compounded-lozenge-hydrochloride", "dose": "150 mg", "strength": "100 mg"},
        {"dose_mg": 130.0, "units": 1.5, "labelled": "150 mg ketamine hydrochloride"},
        ("Unapproved", "1.5 × lozenge", "The label counts ketamine hydrochloride"),
    ),
]


def course_by(cast, knowledge, route, substance) -> Course:
    found = cast.course(state="plan")
    Course.objects.filter(id=found.id).update(route=route, product=substance)
    found.refresh_from_db()
    for kind in ("decision", "consent"):
        publish(by=cast.actor("prescriber"), course=found, kind=kind, body={}, source_id=uuid.uuid4())
    weigh(cast, knowledge)
    return found


def page(cast, course, query="", who="prescriber"):
    return cast.client(who).get(f"/clinic/courses/{course.id}/plan/{query}").content.decode()


def save(cast, course, **given):
    typed = plan(**given)
    for name in NOT_FOR_PUMPS:
        del typed[name]
    return cast.client("nurse").post(f"/clinic/courses/{course.id}/plan/save/", typed)


@pytest.mark.parametrize(("route", "substance", "typed", "expected", "words"), ROUTES)
def test_every_route_is_planned_and_ordered_from_its_data(
    cast, knowledge, route, substance, typed, expected, words
):
    course = course_by(cast, knowledge, route, substance)
    before = page(cast, course)
    assert 'name="concentration"' not in before
    assert 'name="over"' not in before
    assert "Begin from a protocol" in before
    answer = save(cast, course, **typed)
    assert answer.status_code == 302, answer.content.decode()[-4000:]
    shown = page(cast, course)
    for word in (*words, "Not computed: there is no model for this route yet."):
        assert word in shown, word
    assert "data-chart" not in shown
    assert sign(cast, course, reason="as discussed").status_code == 302
    body = standing(course, "order", timezone.now()).body
    assert {key: body[key] for key in expected} == expected
    assert body["pump_ml_per_h"] is None
    patient = cast.client("patient").get("/portal/plan/").content.decode()
    assert knowledge.routes[route].text.visits.split()[0] in patient


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"dose": "110 mg"}, "100 mg, 150 mg"),
        ({"dose": "1,5 mg"}, "comma"),
        ({"dose": "-5"}, "no unit"),
        ({"dose": "100 mg", "strength": ""}, "This is missing"),
        ({"dose": "100 mg", "strength": "10 mg/mL"}, "Select a valid choice"),
        ({"dose": "1 mg/kg"}, "wrong kind of unit"),
        ({"dose": "600 mg"}, "outside what is plausible"),
    ],
)
def test_what_a_lozenge_cannot_give_is_refused_in_words(cast, knowledge, typed, words):
    course = course_by(cast, knowledge, "sublingual", "ketamine")
    usual = {"product_key": "compounded-lozenge-base", "strength": "100 mg"}
    answer = save(cast, course, **(usual | typed))
    assert answer.status_code == 400
    assert words.lower() in answer.content.decode().lower()
    assert not PlanDraft.objects.exists()


def test_a_phase_of_a_protocol_fills_the_plan_and_the_order_names_it(cast, knowledge):
    course = course_by(cast, knowledge, "nasal", "esketamine")
    shown = page(cast, course, "?from=esketamine-by-the-label:weeks-5-to-8")
    assert 'value="7 d"' in shown
    given = {"product_key": "esketamine-nasal-spray", "dose": "56 mg", "sessions": "4", "series_over": "28 d"}
    follows = {"follows": "esketamine-by-the-label:weeks-5-to-8"}
    assert save(cast, course, **given, **follows, spacing="84 h").status_code == 302
    assert "2 sessions in 7 d; the protocol knows 1 at most" in page(cast, course)
    assert sign(cast, course).status_code == 400
    assert save(cast, course, **given, **follows, spacing="7 d", seen="1").status_code == 302
    assert sign(cast, course).status_code == 302
    body = standing(course, "order", timezone.now()).body
    assert (body["protocol"], body["phase"]) == ("esketamine-by-the-label", "weeks-5-to-8")
    assert page(cast, course, "?from=nonsense").count("Begin from a protocol") == 1


@pytest.mark.parametrize(
    ("route", "substance", "fields", "how"),
    [
        ("intravenous", "ketamine", {"concentration_mg_per_ml", "volume_ml", "pump_ml_per_h"}, ["bolus"]),
        ("intramuscular", "ketamine", {"concentration_mg_per_ml", "volume_ml"}, ["bolus"]),
        ("nasal", "esketamine", {"units"}, ["nasal device"]),
        ("nasal", "ketamine", {"units"}, ["nasal spray"]),
        ("oral", "ketamine", {"concentration_mg_per_ml", "volume_ml", "units"}, ["capsule", "bolus"]),
        ("sublingual", "ketamine", {"units"}, ["lozenge", "rapid-dissolve tablet"]),
    ],
)
def test_what_two_persons_read_and_chart_follows_from_the_route(
    cast, knowledge, route, substance, fields, how
):
    session = opened(cast)
    session.route, session.product = route, substance
    read = SettingsReadForm(session=session, knowledge=knowledge)
    assert set(read.fields) & {"concentration_mg_per_ml", "volume_ml", "pump_ml_per_h", "units"} == fields
    given = DoseGivenForm(session=session, knowledge=knowledge)
    assert [key for key, _ in given.fields["what"].choices] == how


SPRAY_ORDER = {
    "product": "esketamine",
    "route": "nasal",
    "dose_low_mg": 28.0,
    "dose_high_mg": 84.0,
    "dose_mg": 56.0,
    "over_min": 5.0,
    "units": 2.0,
    "unit": "nasal device",
    "strength": "28 mg",
}


@pytest.mark.parametrize(
    ("read", "agrees"),
    [
        ({"dose_mg": 56.0, "units": 2.0}, True),
        ({"dose_mg": 84.0, "units": 3.0}, True),  # within the signed range, and its count goes with it
        ({"dose_mg": 56.0, "units": 3.0}, False),
        ({"dose_mg": 56.0}, False),
    ],
)
def test_the_gate_compares_the_count_of_devices_with_the_order(cast, knowledge, read, agrees):
    from serein.pathway.session import statements
    from serein_web.sessionlog.queries import state

    session = opened(cast)
    for who in ("nurse", "second_nurse"):
        add(cast, knowledge, session, "settings-read", {"product": "esketamine", **read}, who)
    said = statements(state(session), knowledge, timezone.now(), order=SPRAY_ORDER)
    assert {s.value for s in said if s.fact == "dose_read_by_two"} == {agrees}


# the protocols and their adoption


def adopt(cast, knowledge, who="prescriber", site=None, key="six-infusions", **changes):
    given = {
        "site": str((site or cast.site).id),
        "protocol": key,
        "shown_digest": protocol_digest(knowledge, key),
    }
    return cast.client(who).post("/clinic/protocols/adopt/", given | changes)


def test_a_prescriber_adopts_a_protocol_for_a_site_and_turns_it_off_again(cast, knowledge):
    shown = cast.client("nurse").get("/clinic/protocols/").content.decode()
    for words in ("Six infusions in two to three weeks", "at most 2 in 7 d", "Stop", "off"):
        assert words in shown, words
    assert "Adopt for" not in shown
    assert adopt(cast, knowledge).status_code == 302
    row = ProtocolAdoption.objects.get()
    assert (row.site, row.adopted_by_name) == (cast.site, cast.actor("prescriber").name)
    assert row.adopted_at is not None
    assert "adopted by" in cast.client("nurse").get("/clinic/protocols/").content.decode()
    assert adopt(cast, knowledge).status_code == 400
    assert ProtocolAdoption.objects.count() == 1
    assert adopt(cast, knowledge, do="end").status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None
    assert adopt(cast, knowledge, do="end").status_code == 400
    assert faults(f"site:{cast.site.id}") == []


def test_nobody_else_adopts_and_nothing_for_another_site_or_in_another_version(cast, knowledge):
    assert adopt(cast, knowledge, who="nurse").status_code == 403
    assert adopt(cast, knowledge, site=cast.elsewhere).status_code == 400
    assert adopt(cast, knowledge, key="six-infusions", protocol="no-such").status_code == 400
    assert adopt(cast, knowledge, shown_digest="0" * 64).status_code == 400
    nonsense = cast.client("prescriber").post("/clinic/protocols/adopt/", {"site": "x", "protocol": "y"})
    assert nonsense.status_code == 400
    refused = actions.adopt_protocol(
        by=cast.actor("nurse"),
        site=cast.site,
        protocol="six-infusions",
        shown_digest=protocol_digest(knowledge, "six-infusions"),
        knowledge=knowledge,
    )
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_ALLOWED_FOR_ROLE
    assert not ProtocolAdoption.objects.exists()


# the proposal


def score(cast, knowledge, course, total, days_ago):
    row = add_score(
        by=cast.actor("nurse"),
        patient=cast.patient,
        course_id=course.id,
        instrument="gad-7",
        answers=[],
        total=total,
        band="",
        prorated=False,
        safety="none",
        knowledge=knowledge,
        at=timezone.now() - dt.timedelta(days=days_ago),
    )
    assert not isinstance(row, Refusal), str(row)


@pytest.fixture
def treated(cast, knowledge):
    """A course with a signed range, one quiet session of 35 mg, and a score that hardly moved."""
    session = fit_to_leave(cast, knowledge)
    course = session.course
    weigh(cast, knowledge, weight=70.0)
    Course.objects.filter(id=course.id).update(state="session")
    ratings = {"distress_rating": 1.0, "dissociation_rating": 3.0}
    add(cast, knowledge, session, "observation", {"values": ratings})
    typed = plan(
        dose_low="0.25 mg/kg", dose_high="0.75 mg/kg", follows="six-infusions:induction", as_needed=""
    )
    answer = cast.client("prescriber").post(f"/clinic/courses/{course.id}/plan/save/", typed)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert sign(cast, course).status_code == 302
    score(cast, knowledge, course, 16.0, 8)
    score(cast, knowledge, course, 15.0, 0)
    return course, session


def test_without_an_adoption_the_plan_says_that_nothing_is_proposed(cast, knowledge, treated):
    course, _ = treated
    shown = page(cast, course)
    assert "this site has not adopted six-infusions" in shown
    assert "Take it into the plan" not in shown


def test_an_adopted_protocol_proposes_and_the_prescriber_takes_it_or_leaves_it(cast, knowledge, treated):
    course, _ = treated
    assert adopt(cast, knowledge).status_code == 302
    shown = page(cast, course)
    for words in (
        "Proposal: raise to",
        "42\N{NO-BREAK SPACE}mg",
        "gad-7 improved by 6 %",
        "It decides nothing",
    ):
        assert words in shown, words
    assert Order.objects.count() == 1
    taken = page(cast, course, "?take=1")
    assert 'value="42 mg"' in taken
    assert Order.objects.count() == 1
    assert PlanDraft.objects.get().wish["dose"] == "0.5 mg/kg"
    assert "Take it into the plan" not in page(cast, course, who="nurse")


def test_an_adverse_event_of_grade_two_or_an_open_safety_task_keeps_the_dose(cast, knowledge, treated):
    from serein_web.people.access import SEREIN
    from serein_web.tasks.actions import raise_task

    course, session = treated
    adopt(cast, knowledge)
    symptom = {"term": "vomiting", "onset": timezone.now().isoformat(), "grade": 2}
    add(cast, knowledge, session, "symptom", symptom)
    shown = page(cast, course)
    assert "Proposal: stay at" in shown
    assert "vomiting, grade 2" in shown
    raise_task(
        by=SEREIN,
        site=cast.site,
        kind="safety",
        title="Call",
        role="nurse",
        deadline=timezone.now(),
        key="k",
        patient=cast.patient,
        course_id=course.id,
        blocks_next_dose=True,
    )
    assert "a safety task is open" in page(cast, course)


def test_a_score_without_one_from_before_the_first_dose_is_not_known(cast, knowledge, treated):
    course, _ = treated
    from serein_web.record.models import Score

    Score.objects.filter(total=16.0).delete()
    adopt(cast, knowledge)
    assert "the change of the score is not known" in page(cast, course)


# the checklists


def test_every_checklist_is_listed_and_shown_to_all_staff_with_its_steps_and_sources(cast, knowledge):
    shown = cast.client("front_desk").get("/clinic/checklists/").content.decode()
    for key, checklist in knowledge.checklists.items():
        assert f"/clinic/checklists/{key}/" in shown
        one = cast.client("front_desk").get(f"/clinic/checklists/{key}/").content.decode()
        assert one.count("<li>") >= len(checklist.steps)
        assert "nobody yet" in one
    anaphylaxis = cast.client("nurse").get("/clinic/checklists/anaphylaxis/").content.decode()
    for words in ("500 micrograms (0.5 mL)", "again every 5 min", "per site protocol", "Write down"):
        assert words in anaphylaxis, words
    assert cast.client("nurse").get("/clinic/checklists/none/").status_code == 404
    assert cast.client("patient").get("/clinic/checklists/").status_code == 403
