"""Screening: a decision that explains itself, asks for what matters, and is accepted by a prescriber or not at all."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from serein_web.audit.verify import faults
from serein_web.courses.actions import publish
from serein_web.courses.models import Course, Standing
from serein_web.courses.queries import standing
from serein_web.record.models import Document, Statement
from serein_web.screening import actions
from serein_web.screening.models import ConsultationNote, DecisionRecord, NoteAddendum, OverrideRecord
from serein_web.screening.queries import decision_now, replayed
from tests import bundles

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(cast):
    return cast.course()


@pytest.fixture
def url(course):
    return f"/clinic/courses/{course.id}/screening/"


def record_of(patient, *resources, born="1985-04-12", family=None):
    person = bundles.patient(born=born, family=family or patient.family_name)
    person["name"][0]["given"] = [patient.given_name]
    return bundles.as_bytes(bundles.bundle(*resources, person=person))


def upload(client, url, data, name="record.json"):
    return client.post(
        url + "import/", {"file": SimpleUploadedFile(name, data, content_type="application/json")}
    )


def make_everything_known(cast, course, knowledge, **values):
    """Answer whatever is missing with the answer that fires nothing, round after round, as staff would."""
    from serein.pathway.screening import to_ask

    calm = {
        "weight": 70.0,
        "height": 172.0,
        "systolic_pressure": 122.0,
        "diastolic_pressure": 78.0,
        "heart_rate": 70.0,
        "oxygen_saturation": 98.0,
        "respiratory_rate": 14.0,
    }
    for _ in range(6):
        asks = to_ask(decision_now(course, timezone.now()), knowledge)
        if not asks:
            return
        answers = {a.fact: values.get(a.fact, _calm(knowledge.facts[a.fact], calm)) for a in asks}
        actions.answer_facts(by=cast.actor("nurse"), course=course, values=answers)


def _calm(fact, calm):
    if fact.type == "flag":
        return fact.key in {"can_consent", "has_capacity"}
    return calm.get(fact.key, fact.choices[0] if fact.choices else 1.0)


def test_nobody_knows_anything_yet_so_nothing_is_concluded(cast, course, url):
    page = cast.client("nurse").get(url)
    assert page.status_code == 200
    assert page.context["decision"]["conclusion"] == "incomplete"
    assert page.context["groups"]


def test_a_person_about_whom_everything_is_known_and_calm_is_eligible_and_accepted_by_a_prescriber(
    cast, course, url, knowledge
):
    make_everything_known(cast, course, knowledge)
    doctor = cast.client("prescriber")
    assert doctor.get(url).context["decision"]["conclusion"] == "eligible"
    assert doctor.post(url + "accept/").status_code == 302
    course.refresh_from_db()
    assert course.state == "consent"
    assert Standing.objects.get(course=course).kind == "decision"
    assert doctor.post(url + "accept/").status_code == 400
    assert Standing.objects.count() == 1
    assert faults(f"course:{course.id}") == []


def test_a_course_with_something_unknown_is_not_accepted(cast, course, url):
    assert cast.client("prescriber").post(url + "accept/").status_code == 400
    course.refresh_from_db()
    assert course.state == "screening"
    assert not Standing.objects.exists()
    assert not DecisionRecord.objects.exists()


def test_a_nurse_neither_accepts_nor_overrides_nor_disputes_nor_ends(cast, course, url):
    nurse = cast.client("nurse")
    for path in ("accept/", "override/", "decline/", "facts/pregnancy/dispute/"):
        assert nurse.post(url + path, {"rule": "x", "reason": "because I say so"}).status_code == 403


@pytest.mark.parametrize("who", ["front_desk", "administrator", "researcher", "patient", "stranger"])
def test_others_do_not_see_screening(cast, url, who):
    assert cast.client(who).get(url).status_code == 403


def test_staff_elsewhere_and_visitors_get_nothing(cast, url):
    assert cast.client("other_prescriber").get(url).status_code == 404
    assert cast.client().get(url).status_code == 302


def test_a_record_is_imported_once_and_its_reasons_show(cast, course, url):
    data = record_of(
        cast.patient,
        bundles.condition("38341003", "Hypertension"),
        bundles.medication_request("1", "Clonazepam 0.5 MG Oral Tablet", authored=timezone.now().isoformat()),
    )
    nurse = cast.client("nurse")
    assert upload(nurse, url, data).status_code == 302
    firing = {f["rule"] for f in nurse.get(url).context["decision"]["firing"]}
    assert {"hypertension", "benzodiazepine"} <= firing
    statements = Statement.objects.count()
    again = upload(nurse, url, data)
    assert again.status_code == 400
    assert b"already here" in again.content
    assert Document.objects.count() == 1
    assert Statement.objects.count() == statements


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"resourceType": "Bundle", "type": "trans', b"cut off"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", b"JSON"),
        (bundles.as_bytes(bundles.bundle(person=bundles.patient(born="1985-04-12"))), b"another person"),
        (b"", b""),
    ],
)
def test_a_file_that_is_half_or_of_another_kind_or_person_is_refused_whole(cast, course, url, data, words):
    response = upload(cast.client("nurse"), url, data)
    assert response.status_code == 400
    assert words in response.content
    assert b"Traceback" not in response.content
    assert not Document.objects.exists()
    assert not Statement.objects.exists()


def test_a_file_beyond_the_limit_is_refused(cast, course, url, monkeypatch):
    monkeypatch.setattr("serein_web.screening.forms.LIMIT_BYTES", 1000)
    response = upload(cast.client("nurse"), url, b" " * 1001)
    assert response.status_code == 400
    assert b"too large" in response.content
    assert not Document.objects.exists()


def test_an_absolute_rule_is_overridden_for_nobody(cast, course, url):
    upload(
        cast.client("nurse"),
        url,
        record_of(cast.patient, bundles.condition("26929004", "Alzheimer's disease (disorder)")),
    )
    doctor = cast.client("prescriber")
    assert doctor.get(url).context["decision"]["conclusion"] == "exclude"
    response = doctor.post(
        url + "override/", {"rule": "dementia-or-delirium", "reason": "the family insists on it"}
    )
    assert response.status_code == 400
    assert b"absolute" in response.content
    assert not OverrideRecord.objects.exists()


def test_a_relative_finding_is_overridden_by_a_prescriber_with_a_reason_and_can_be_withdrawn(
    cast, course, url, knowledge
):
    make_everything_known(cast, course, knowledge, pregnancy=True)
    doctor = cast.client("prescriber")
    assert doctor.get(url).context["decision"]["conclusion"] == "refer"
    assert doctor.post(url + "override/", {"rule": "pregnancy", "reason": " "}).status_code == 400
    assert (
        doctor.post(
            url + "override/", {"rule": "pregnancy", "reason": "discussed with obstetrics today"}
        ).status_code
        == 302
    )
    assert (
        doctor.post(
            url + "override/", {"rule": "pregnancy", "reason": "discussed with obstetrics today"}
        ).status_code
        == 400
    )
    assert doctor.get(url).context["decision"]["conclusion"] == "eligible"
    row = OverrideRecord.objects.get()
    assert doctor.post(f"{url}overrides/{row.id}/withdraw/").status_code == 302
    assert doctor.get(url).context["decision"]["conclusion"] == "refer"


def test_an_acceptance_falls_with_the_override_that_it_rested_on(cast, course, url, knowledge):
    make_everything_known(cast, course, knowledge, pregnancy=True)
    doctor = cast.client("prescriber")
    said = {"rule": "pregnancy", "reason": "discussed with obstetrics today"}
    assert doctor.post(url + "override/", said).status_code == 302
    assert doctor.post(url + "accept/").status_code == 302
    assert standing(course, "decision", timezone.now()) is not None
    row = OverrideRecord.objects.get()
    assert doctor.post(f"{url}overrides/{row.id}/withdraw/").status_code == 302
    assert standing(course, "decision", timezone.now()) is None


def test_an_override_is_asked_again_when_something_new_is_known(cast, course, url, knowledge):
    make_everything_known(cast, course, knowledge, systolic_pressure=150.0, diastolic_pressure=95.0)
    doctor = cast.client("prescriber")
    over = [f for f in decision_now(course, timezone.now()).findings if f.state == "fires" and f.overridable]
    assert over, "a raised pressure raises no finding"
    for finding in over:
        doctor.post(url + "override/", {"rule": finding.rule, "reason": "usual for her, cardiology agrees"})
    assert {f.rule for f in decision_now(course, timezone.now()).findings if f.overridden} >= {
        f.rule for f in over if "systolic_pressure" in f.facts
    }
    doctor.post(url + "answers/", {"systolic_pressure": "171"})
    again = decision_now(course, timezone.now()).findings
    assert [f.rule for f in again if f.overridden and "systolic_pressure" in f.facts] == []


def test_a_course_is_screened_again_and_goes_on_where_it_stood(cast, course, url, knowledge):
    make_everything_known(cast, course, knowledge)
    doctor = cast.client("prescriber")
    assert doctor.post(url + "accept/").status_code == 302
    for kind in ("consent", "order"):
        publish(by=cast.actor("prescriber"), course=course, kind=kind, body={}, source_id=uuid.uuid4())
    Course.objects.filter(id=course.id).update(state="session")
    assert doctor.post(url + "again/", {"reason": ""}).status_code == 400
    said = {"reason": "she fainted at home on Monday"}
    assert cast.client("nurse").post(url + "again/", said).status_code == 302
    course.refresh_from_db()
    assert (course.state, standing(course, "decision", timezone.now())) == ("screening", None)
    assert doctor.post(url + "accept/").status_code == 302
    course.refresh_from_db()
    assert course.state == "session"


def test_a_disputed_fact_changes_the_decision_and_the_original_stays(cast, course, url):
    upload(
        cast.client("nurse"),
        url,
        record_of(cast.patient, bundles.condition("26929004", "Alzheimer's disease (disorder)")),
    )
    wrong = (
        Statement.objects.get(fact="dementia_or_delirium")
        if Statement.objects.filter(fact="dementia_or_delirium").exists()
        else Statement.objects.filter(value=True).first()
    )
    doctor = cast.client("prescriber")
    page = f"{url}facts/{wrong.fact}/dispute/"
    given = {
        "statement": str(wrong.id),
        "value": "no",
        "reason": "entered on the wrong chart",
        "evidence": "MMSE 30 of 30, neurologist's letter",
    }
    assert doctor.post(page, given | {"evidence": ""}).status_code == 400
    assert doctor.post(page, given).status_code == 302
    assert doctor.post(page, given).status_code == 400
    assert doctor.get(url).context["decision"]["conclusion"] != "exclude"
    assert Statement.objects.filter(id=wrong.id, value=True).exists()


def test_a_group_is_attested_for_what_is_open_and_leaves_what_the_record_asks(cast, course, url):
    upload(cast.client("nurse"), url, record_of(cast.patient, bundles.condition("230690007", "Stroke")))
    nurse = cast.client("nurse")
    before = {f["rule"] for f in nurse.get(url).context["decision"]["unknown"]}
    assert "intracerebral-haemorrhage" in before
    assert nurse.post(url + "attest/", {"group": "cardiovascular"}).status_code == 302
    assert nurse.post(url + "attest/", {"group": "neurological"}).status_code == 302
    unknown = {f["rule"]: f for f in nurse.get(url).context["decision"]["unknown"]}
    assert "intracerebral-haemorrhage" in unknown
    assert "type not recorded" in str(unknown["intracerebral-haemorrhage"]["because"])
    assert "aneurysmal-vascular-disease" not in unknown


def test_a_group_without_anything_open_is_not_attested(cast, course, url):
    assert cast.client("nurse").post(url + "attest/", {"group": "no such group"}).status_code == 400


def test_an_impossible_answer_refuses_all_of_them(cast, course, url):
    for weight in ("0", "7000", "70,5", "NaN", "-3"):
        response = cast.client("nurse").post(url + "answers/", {"weight": weight, "pregnancy": "no"})
        assert response.status_code == 400, weight
    assert not Statement.objects.exists()


def test_answers_are_kept_and_the_question_goes_away(cast, course, url):
    nurse = cast.client("nurse")
    assert "weight" in {a["field"].name for g in nurse.get(url).context["groups"] for a in g["asks"]}
    assert nurse.post(url + "answers/", {"weight": "70.5"}).status_code == 302
    assert Statement.objects.get(fact="weight").value == 70.5
    assert "weight" not in {a["field"].name for g in nurse.get(url).context["groups"] for a in g["asks"]}


def test_a_note_is_written_by_its_author_signed_once_and_then_only_added_to(cast, course, url):
    nurse, doctor = cast.client("nurse"), cast.client("prescriber")
    assert doctor.post(url + "note/", {"version": 1, "history": "Anxious for ten years."}).status_code == 302
    assert nurse.post(url + "note/", {"version": 1, "history": "overwritten"}).status_code == 400
    assert doctor.post(url + "note/", {"version": 9, "history": "from an old page"}).status_code == 400
    assert (
        doctor.post(
            url + "note/", {"version": 1, "history": "Anxious for ten years.", "sign": ""}
        ).status_code
        == 302
    )
    assert doctor.post(url + "note/", {"version": 2, "history": "changed"}).status_code == 400
    assert nurse.post(url + "note/", {"text": "Mother has it too."}).status_code == 302
    assert ConsultationNote.objects.get().history == "Anxious for ten years."
    assert NoteAddendum.objects.get().by_name == cast.actor("nurse").name


def test_a_kept_decision_replays_to_the_same_bytes(cast, course, url, knowledge):
    row = actions.decide(by=cast.actor("prescriber"), course=course)
    assert replayed(row) == "same"
    page = cast.client("nurse").get(f"{url}decisions/{row.id}/")
    assert page.status_code == 200
    DecisionRecord.objects.filter(id=row.id).update(
        canonical=row.canonical.replace('"incomplete"', '"eligible"', 1)
    )
    row.refresh_from_db()
    assert replayed(row) == "different"


def test_a_source_is_shown_with_how_it_was_read(cast, knowledge):
    key = next(iter(knowledge.evidence))
    page = cast.client("nurse").get(f"/clinic/evidence/{key}/")
    assert knowledge.evidence[key].checked in page.content.decode()
    assert cast.client("nurse").get("/clinic/evidence/nothing/").status_code == 404


def test_a_prescriber_ends_a_course_with_a_reason(cast, course, url):
    doctor = cast.client("prescriber")
    assert doctor.post(url + "decline/", {"reason": ""}).status_code == 400
    assert doctor.post(url + "decline/", {"reason": "active psychosis: referred"}).status_code == 302
    course.refresh_from_db()
    assert course.state == "ended"


def test_a_made_up_statement_cannot_be_disputed(cast, course, url):
    given = {"statement": str(uuid.uuid4()), "value": "no", "reason": "a reason", "evidence": "evidence"}
    assert cast.client("prescriber").post(f"{url}facts/pregnancy/dispute/", given).status_code == 404


def test_the_patient_reads_where_the_assessment_stands_and_no_findings(cast, course):
    page = cast.client("patient").get("/portal/screening/")
    assert page.status_code == 200
    assert b"looking at your history" in page.content
    assert cast.client("stranger").get("/portal/screening/").content.count(b"looking at your history") == 0


def test_the_work_up_stands_beside_the_decision_and_is_answered_on_its_page(cast, course, url, knowledge):
    make_everything_known(cast, course, knowledge)
    client = cast.client("nurse")
    assert decision_now(course, timezone.now()).conclusion == "eligible"
    page = client.get(url).content.decode()
    assert "Before the first dose" in page
    assert 'name="liver_tests"' in page
    client.post(url + "answers/", {"liver_tests": "raised threefold"})
    page = client.get(url).content.decode()
    assert "Liver enzymes three times the limit or more" in page
    assert 'name="liver_tests"' not in page
    assert decision_now(course, timezone.now()).conclusion == "eligible"
