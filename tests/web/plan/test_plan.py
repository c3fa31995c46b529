"""Planning, signing an order, revoking it, booking its series."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein.errors import Reason, Refusal
from serein_web.audit.verify import faults
from serein_web.courses.actions import publish, revoke
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.plan import actions, queries
from serein_web.plan.models import Order, PlanDraft
from serein_web.record.actions import state_facts
from serein_web.schedule.models import Appointment

pytestmark = pytest.mark.django_db


def local(days: int, hour: int = 9) -> str:
    day = timezone.now() + dt.timedelta(days=days)
    return f"{day:%Y-%m-%d}T{hour:02d}:00"


def plan(**changes):
    given = {
        "seen": "0",
        "product_key": "ketamine-hydrochloride-injection",
        "dose": "0.5 mg/kg",
        "dose_low": "",
        "dose_high": "",
        "over": "40 min",
        "concentration": "1 mg/mL",
        "sessions": "6",
        "spacing": "84 h",
        "series_over": "21 d",
        "as_needed": "ondansetron; 4 mg; nausea",
        "valid_from": local(-1),
        "valid_until": local(40),
    }
    return given | changes


def weigh(cast, knowledge, weight=73.4, ago=dt.timedelta(hours=1)):
    state_facts(
        by=cast.actor("nurse"),
        patient=cast.patient,
        values={"weight": weight, "height": 170.0},
        at=timezone.now() - ago,
        source="staff",
        knowledge=knowledge,
    )


@pytest.fixture
def course(cast, knowledge) -> Course:
    found = cast.course(state="plan")
    for kind in ("decision", "consent"):
        publish(by=cast.actor("prescriber"), course=found, kind=kind, body={}, source_id=uuid.uuid4())
    weigh(cast, knowledge)
    return found


def save(cast, course, who="prescriber", **changes):
    return cast.client(who).post(f"/clinic/courses/{course.id}/plan/save/", plan(**changes))


def sign(cast, course, who="prescriber", **changes):
    draft = queries.drafted(course, queries.wish_of(queries.draft_of(course)), timezone.now(), _knowledge())
    shown = draft.order.digest if not isinstance(draft, Refusal) else "x"
    given = {"id": str(uuid.uuid4()), "shown_digest": shown, "reason": ""}
    return cast.client(who).post(f"/clinic/courses/{course.id}/plan/sign/", given | changes)


def _knowledge():
    from serein_web import knowledge

    return knowledge.current()


def order_of(course):
    return standing(course, "order", timezone.now())


def test_a_plan_is_checked_drawn_and_becomes_an_order_when_a_prescriber_signs(cast, course):
    page = cast.client("prescriber").get(f"/clinic/courses/{course.id}/plan/").content.decode()
    assert "0.5 mg/kg" in page
    assert save(cast, course, who="nurse").status_code == 302
    page = cast.client("prescriber").get(f"/clinic/courses/{course.id}/plan/").content.decode()
    for words in ("36.7", "55.05", "A larger dose meets first", "Predicted, not measured", "data-chart"):
        assert words in page, words
    assert sign(cast, course).status_code == 302
    body = order_of(course).body
    expected = {
        "product": "ketamine",
        "route": "intravenous",
        "dose_mg": 36.7,
        "dose_low_mg": 36.7,
        "dose_high_mg": 36.7,
        "over_min": 40.0,
        "rate_mg_per_h": 55.05,
        "concentration_mg_per_ml": 1.0,
        "volume_ml": 36.7,
        "pump_ml_per_h": 55.05,
        "as_needed": [{"medicine": "ondansetron", "dose": "4 mg", "for": "nausea"}],
        "series": {"sessions": 6, "spacing": "84 h", "over": "21 d"},
        "weight_kg": 73.4,
        "weight_basis": "actual",
        "reason": "",
    }
    assert {key: body[key] for key in expected} == expected
    course.refresh_from_db()
    assert course.state == "session"
    assert faults(f"course:{course.id}") == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dose", "1,5 mg/kg", "comma"),
        ("dose", "0.5", "no unit"),
        ("dose", "-5 mg", "above zero"),
        ("dose", "NaN mg", "not a number"),
        ("dose", "15 mg/kg", "outside what is plausible"),
        ("dose_high", "2 mg/kg", "outside what is plausible"),
        ("concentration", "1,0 mg/mL", "comma"),
        ("spacing", "24 h", "outside what is plausible"),
        ("as_needed", "ondansetron 4 mg", "medicine; dose; for what"),
        ("as_needed", "ondansetron; 4; nausea", "no unit"),
        ("valid_until", "2020-01-01T09:00", "before what it follows"),
        ("product_key", "esketamine-nasal-spray", "Select a valid choice"),
    ],
)
def test_what_cannot_become_an_order_is_refused_and_nothing_is_kept(cast, course, field, value, words):
    response = save(cast, course, **{field: value})
    assert response.status_code == 400
    text = response.content.decode()
    assert words in text
    assert value in text
    assert not PlanDraft.objects.exists()


def test_a_lapsed_weight_refuses_the_plan_and_asks_for_the_scale(cast, knowledge):
    course = cast.course(state="plan")
    weigh(cast, knowledge, ago=dt.timedelta(days=31))
    response = save(cast, course)
    assert response.status_code == 400
    assert "Measure the weight again" in response.content.decode()
    assert not PlanDraft.objects.exists()


def test_from_a_body_mass_index_of_thirty_the_page_shows_three_weights_and_one_is_picked(
    cast, course, knowledge
):
    weigh(cast, knowledge, weight=100.0, ago=dt.timedelta(minutes=1))
    page = cast.client("prescriber").get(f"/clinic/courses/{course.id}/plan/").content.decode()
    for words in ("actual: 100 kg", "ideal: 61.4 kg", "adjusted: 76.9 kg"):
        assert words in page, words
    assert save(cast, course).status_code == 400
    assert save(cast, course, weight_basis="adjusted").status_code == 302
    assert sign(cast, course).status_code == 302
    assert (order_of(course).body["weight_kg"], order_of(course).body["weight_basis"]) == (76.9, "adjusted")


def test_outside_the_recommended_bounds_the_prescriber_gives_a_reason(cast, course):
    save(cast, course, dose="0.2 mg/kg")
    assert sign(cast, course).status_code == 400
    assert not Order.objects.exists()
    assert sign(cast, course, reason="frail, a careful first dose").status_code == 302
    assert order_of(course).body["reason"] == "frail, a careful first dose"


def test_a_nurse_cannot_sign_by_page_or_by_action(cast, course, knowledge):
    save(cast, course, who="nurse")
    assert sign(cast, course, who="nurse").status_code == 403
    draft = queries.drafted(course, queries.wish_of(queries.draft_of(course)), timezone.now(), knowledge)
    refused = actions.sign_order(
        by=cast.actor("nurse"),
        id=uuid.uuid4(),
        course=course,
        shown_digest=draft.order.digest,
        reason="",
        knowledge=knowledge,
    )
    assert refused.reason is Reason.NOT_ALLOWED_FOR_ROLE
    assert order_of(course) is None


@pytest.mark.parametrize("kind", ["decision", "consent"])
def test_without_a_decision_or_a_consent_nothing_is_signed(cast, course, kind):
    save(cast, course)
    revoke(by=cast.actor("prescriber"), course=course, kind=kind, reason="test")
    response = sign(cast, course)
    assert response.status_code == 400
    assert f"no valid {kind}" in response.content.decode()
    assert order_of(course) is None


def test_signing_the_same_page_twice_or_in_two_browsers_signs_once(cast, course):
    save(cast, course)
    id_ = str(uuid.uuid4())
    assert sign(cast, course, id=id_).status_code == 302
    assert sign(cast, course, id=id_).status_code == 302
    assert sign(cast, course).status_code == 400
    assert Order.objects.count() == 1


def test_a_plan_that_changed_after_it_was_shown_is_not_signed(cast, course):
    save(cast, course)
    before = queries.drafted(course, queries.wish_of(queries.draft_of(course)), timezone.now(), _knowledge())
    assert save(cast, course, seen="1", dose="0.75 mg/kg").status_code == 302
    assert sign(cast, course, shown_digest=before.order.digest).status_code == 400
    assert order_of(course) is None


def test_two_browsers_do_not_overwrite_each_others_plan(cast, course):
    assert save(cast, course).status_code == 302
    assert save(cast, course, who="nurse", dose="0.75 mg/kg").status_code == 400
    assert PlanDraft.objects.get().wish["dose"] == "0.5 mg/kg"


def test_a_revoked_order_holds_no_longer_and_needs_a_reason(cast, course):
    save(cast, course)
    sign(cast, course)
    url = f"/clinic/courses/{course.id}/plan/revoke/"
    assert cast.client("prescriber").post(url, {"reason": ""}).status_code == 400
    assert cast.client("nurse").post(url, {"reason": "a good reason"}).status_code == 403
    assert cast.client("prescriber").post(url, {"reason": "pressure too high"}).status_code == 302
    assert order_of(course) is None
    assert cast.client("prescriber").post(url, {"reason": "pressure too high"}).status_code == 400


def test_an_order_for_later_does_not_hold_yet_and_is_revoked_with_the_rest(cast, course):
    save(cast, course, valid_from=local(3))
    assert sign(cast, course).status_code == 302
    assert order_of(course) is None
    revoke(by=cast.actor("prescriber"), course=course, kind="order", reason="consent withdrawn")
    assert standing(course, "order", timezone.now() + dt.timedelta(days=5)) is None


def test_the_series_is_booked_whole_or_not_at_all(cast, course):
    save(cast, course)
    sign(cast, course)
    url = f"/clinic/courses/{course.id}/plan/book/"
    assert cast.client("nurse").post(url, {"first": local(39), "chair": ""}).status_code == 400
    assert not Appointment.objects.exists()
    assert cast.client("nurse").post(url, {"first": local(2), "chair": ""}).status_code == 302
    rows = list(Appointment.objects.order_by("starts_at"))
    assert len(rows) == 6
    assert {row.ends_at - row.starts_at for row in rows} == {dt.timedelta(minutes=100)}
    assert cast.client("nurse").post(url, {"first": local(2), "chair": ""}).status_code == 400
    assert Appointment.objects.count() == 6


def test_the_patient_reads_the_plan_in_plain_words_and_nobody_elses(cast, course):
    save(cast, course)
    sign(cast, course)
    page = cast.client("patient").get("/portal/plan/").content.decode()
    assert "6 infusions" in page
    assert "mL/h" not in page
    assert "6 infusions" not in cast.client("stranger").get("/portal/plan/").content.decode()
    assert cast.client("nurse").get("/portal/plan/").status_code == 403


def test_staff_elsewhere_find_nothing_and_others_may_not(cast, course):
    url = f"/clinic/courses/{course.id}/plan/"
    for page in ("save/", "sign/", "revoke/", "book/"):
        assert cast.client("other_prescriber").post(url + page).status_code == 404
        assert cast.client("front_desk").post(url + page).status_code == 403
        assert cast.client("patient").post(url + page).status_code == 403
        assert cast.client().post(url + page).status_code == 302
    assert cast.client("other_prescriber").get(url).status_code == 404
    assert cast.client("front_desk").get(url).status_code == 403
    assert cast.client().get(url).status_code == 302
