"""Signing, a new version, and taking it back."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein.errors import Reason, Refusal
from serein_web.audit.verify import faults
from serein_web.consent import actions
from serein_web.consent.models import ConsentDocument, Signature, Withdrawal
from serein_web.consent.queries import consent_state, newest_document
from serein_web.courses.actions import publish
from serein_web.courses.models import Course
from serein_web.courses.queries import standing
from serein_web.people.access import SEREIN
from serein_web.sessionlog.models import Session
from serein_web.tasks.models import Task

pytestmark = pytest.mark.django_db
NAME = "Ada Invented"


@pytest.fixture
def course(cast) -> Course:
    actions.publish_packaged_documents(by=SEREIN)
    found = cast.course(state="consent")
    publish(by=cast.actor("prescriber"), course=found, kind="decision", body={}, source_id=uuid.uuid4())
    return found


def portal_sign(cast, course, who="patient", **changes):
    given = {"id": str(uuid.uuid4()), "version": "1", "read": "on", "full_name": NAME}
    return cast.client(who).post(f"/portal/consent/{course.id}/sign/", given | changes)


def sign(cast, course, who="patient", version=1):
    document = ConsentDocument.objects.get(product="ketamine", version=version)
    return actions.sign(
        by=cast.actor(who),
        id=uuid.uuid4(),
        course=course,
        document=document,
        signed_name=NAME,
        where="portal",
    )


def dose(course, ended_at):
    return Session.objects.create(
        site=course.site,
        patient=course.patient,
        course=course,
        number=1,
        product="ketamine",
        route="intravenous",
        status="ended",
        started_at=ended_at,
        dosing_started_at=ended_at,
        dosing_ended_at=ended_at,
    )


def next_version():
    old = newest_document("ketamine")
    return actions.publish_document(
        by=SEREIN,
        product="ketamine",
        version=old.version + 1,
        language="en",
        title=old.title,
        short=old.short,
        body=old.body,
    )


def consent(course):
    return standing(course, "consent", timezone.now())


def test_a_patient_reads_signs_and_the_course_goes_on_to_the_plan(cast, course):
    client = cast.client("patient")
    for page in ("", "full/", "sign/"):
        assert client.get(f"/portal/consent/{course.id}/{page}").status_code == 200
    assert portal_sign(cast, course).status_code == 302
    signature = Signature.objects.get()
    assert consent(course).body == {
        "document": str(signature.document_id),
        "version": 1,
        "language": "en",
        "digest": signature.document.digest,
        "signed_name": NAME,
    }
    course.refresh_from_db()
    assert course.state == "plan"
    copy = client.get(f"/portal/consent/copy/{signature.id}/").content.decode()
    assert "This is the text that was signed." in copy
    assert faults(f"course:{course.id}") == []


def test_the_same_page_sent_twice_signs_once_and_a_second_browser_is_told(cast, course):
    id_ = str(uuid.uuid4())
    assert portal_sign(cast, course, id=id_).status_code == 302
    assert portal_sign(cast, course, id=id_).status_code == 302
    assert portal_sign(cast, course).status_code == 400
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("changes", [{"full_name": "Ada"}, {"full_name": ""}, {"read": ""}])
def test_a_wrong_name_or_no_agreement_signs_nothing(cast, course, changes):
    assert portal_sign(cast, course, **changes).status_code == 400
    assert not Signature.objects.exists()
    assert consent(course) is None


def test_nothing_is_signed_on_the_day_of_a_dose_and_it_is_on_a_later_day(cast, course):
    session = dose(course, timezone.now())
    response = portal_sign(cast, course)
    assert response.status_code == 400
    assert "a dose was given on this day" in response.content.decode()
    assert not Signature.objects.exists()
    earlier = timezone.now() - dt.timedelta(hours=26)
    Session.objects.filter(id=session.id).update(dosing_started_at=earlier, dosing_ended_at=earlier)
    assert portal_sign(cast, course).status_code == 302


def test_a_new_version_asks_again_and_the_old_one_cannot_be_signed(cast, course):
    sign(cast, course)
    next_version()
    course.refresh_from_db()
    assert consent(course) is None
    assert consent_state(course) == "new version"
    assert course.state == "plan"
    assert portal_sign(cast, course, version="1").status_code == 400
    assert portal_sign(cast, course, version="2").status_code == 302
    assert consent(course).body["version"] == 2


def test_publishing_the_packaged_documents_again_changes_nothing(cast, course):
    sign(cast, course)
    assert actions.publish_packaged_documents(by=SEREIN) == []
    assert ConsentDocument.objects.count() == 2
    assert consent(course) is not None


def test_a_text_that_was_altered_after_signing_is_told(cast, course):
    signature = sign(cast, course)
    ConsentDocument.objects.filter(product="ketamine").update(title="Something else")
    page = cast.client("patient").get(f"/portal/consent/copy/{signature.id}/").content.decode()
    assert "The text is not the one that was signed" in page


@pytest.mark.parametrize(
    "state", ["consent", "plan", "session", "recovery", "followup", "outcomes", "screening"]
)
def test_a_consent_is_withdrawn_from_any_stage_and_the_order_goes_with_it(cast, course, state):
    sign(cast, course)
    publish(by=cast.actor("prescriber"), course=course, kind="order", body={}, source_id=uuid.uuid4())
    Course.objects.filter(id=course.id).update(state=state)
    response = cast.client("patient").post(f"/portal/consent/{course.id}/withdraw/", {"reason": ""})
    assert response.status_code == 302
    assert consent(course) is None
    assert standing(course, "order", timezone.now()) is None
    course.refresh_from_db()
    stays = {"recovery", "screening"}
    assert course.state == (state if state in stays else "consent")
    assert Task.objects.get().role == "prescriber"


def test_withdrawing_twice_is_withdrawing_once(cast, course):
    sign(cast, course)
    for _ in range(2):
        assert cast.client("patient").post(f"/portal/consent/{course.id}/withdraw/").status_code == 302
    assert Withdrawal.objects.count() == Task.objects.count() == 1


def test_withdrawing_on_the_day_of_a_dose_and_during_a_session_is_possible_and_leaves_the_session(
    cast, course
):
    sign(cast, course)
    Course.objects.filter(id=course.id).update(state="session")
    Session.objects.filter(id=dose(course, timezone.now()).id).update(status="running", dosing_ended_at=None)
    course.refresh_from_db()
    assert isinstance(actions.withdraw(by=cast.actor("nurse"), course=course), Withdrawal)
    course.refresh_from_db()
    assert course.state == "session"
    assert consent(course) is None


def test_after_a_withdrawal_the_patient_may_sign_again(cast, course):
    sign(cast, course)
    actions.withdraw(by=cast.actor("patient"), course=course)
    course.refresh_from_db()
    assert portal_sign(cast, course).status_code == 302
    assert consent_state(course) == "signed"


def test_somebody_without_a_signature_can_say_no_in_advance(cast, course):
    assert cast.client("patient").post(f"/portal/consent/{course.id}/withdraw/").status_code == 302
    assert consent_state(course) == "withdrawn"


def test_the_patient_signs_on_the_tablet_that_a_nurse_holds(cast, course):
    given = {"id": str(uuid.uuid4()), "version": "1", "read": "on", "full_name": NAME}
    client = cast.client("nurse")
    assert client.get(f"/clinic/courses/{course.id}/consent/tablet/").status_code == 200
    assert client.post(f"/clinic/courses/{course.id}/consent/tablet/", given).status_code == 302
    signature = Signature.objects.get()
    assert (signature.where, signature.by_name) == ("tablet", "Nurse Invented")
    assert (
        "The current version is signed."
        in client.get(f"/clinic/courses/{course.id}/consent/").content.decode()
    )
    assert client.get(f"/clinic/consents/{signature.id}/").status_code == 200


def test_staff_record_a_withdrawal(cast, course):
    sign(cast, course)
    url = f"/clinic/courses/{course.id}/consent/withdraw/"
    assert cast.client("nurse").post(url, {"reason": "said so by telephone"}).status_code == 302
    assert Withdrawal.objects.get().reason == "said so by telephone"


PAGES = ["", "tablet/", "withdraw/"]


@pytest.mark.parametrize("page", PAGES)
def test_staff_elsewhere_find_nothing_and_the_front_desk_may_not(cast, course, page):
    url = f"/clinic/courses/{course.id}/consent/{page}"
    assert cast.client("other_prescriber").get(url).status_code == 404
    assert cast.client("front_desk").get(url).status_code == 403
    assert cast.client("patient").get(url).status_code == 403
    assert cast.client().get(url).status_code == 302


@pytest.mark.parametrize("page", ["", "full/", "sign/", "withdraw/"])
def test_a_stranger_finds_nothing_of_a_patient(cast, course, page):
    url = f"/portal/consent/{course.id}/{page}"
    assert cast.client("stranger").get(url).status_code == 404
    assert cast.client("nurse").get(url).status_code == 403
    assert cast.client().get(url).status_code == 302


def test_a_stranger_cannot_sign_withdraw_or_read_a_copy(cast, course):
    signature = sign(cast, course)
    assert portal_sign(cast, course, who="stranger").status_code == 404
    assert cast.client("stranger").post(f"/portal/consent/{course.id}/withdraw/").status_code == 404
    assert cast.client("stranger").get(f"/portal/consent/copy/{signature.id}/").status_code == 404
    assert cast.client("other_prescriber").get(f"/clinic/consents/{signature.id}/").status_code == 404
    refused = actions.withdraw(by=cast.actor("other_prescriber"), course=course)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.OTHER_PATIENT
    assert consent(course) is not None
