"""The trail that a person can read: who saw, who changed; and the patient sees it too."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection

from serein_web.audit.models import Event
from serein_web.people.models import Role, StaffRole

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_looked():
    cache.clear()


@pytest.fixture
def course(cast):
    return cast.course()


def looks(course) -> list[str]:
    rows = Event.objects.filter(chain=f"course:{course.id}", action="seen")
    return list(rows.values_list("by_name", flat=True))


def test_who_looks_at_a_course_is_noted_once_in_a_while(cast, course):
    nurse = cast.client("nurse")
    for _ in range(3):
        assert nurse.get(f"/clinic/courses/{course.id}/").status_code == 200
    assert looks(course) == [cast.actor("nurse").name]
    nurse.get(f"/clinic/courses/{course.id}/screening/")
    assert len(looks(course)) == 2


def test_who_was_refused_has_seen_nothing_and_is_not_noted(cast, course):
    assert cast.client("other_prescriber").get(f"/clinic/courses/{course.id}/").status_code == 404
    assert looks(course) == []


def test_the_director_reads_sentences_with_names_and_a_nurse_does_not(cast, course):
    cast.client("nurse").get(f"/clinic/courses/{course.id}/")
    page = cast.client("medical_director").get(f"/clinic/courses/{course.id}/audit/")
    assert page.status_code == 200
    said = [(line.by, str(line.did)) for line in page.context["lines"]]
    assert (cast.actor("nurse").name, "looked at the chart") in said
    assert (cast.actor("prescriber").name, "opened the course") in said
    assert page.context["faults"] == []
    assert cast.client("nurse").get(f"/clinic/courses/{course.id}/audit/").status_code == 403


def test_an_altered_event_is_named_on_the_page_and_by_the_verification_of_all(cast, course):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET by_name = 'Nobody' WHERE chain = %s", [f"course:{course.id}"])
    page = cast.client("medical_director").get(f"/clinic/courses/{course.id}/audit/")
    assert b"was altered" in page.content
    assert b"was altered" in cast.client("administrator").post("/clinic/audit/").content


def test_the_export_holds_every_event_and_no_formula(cast, course):
    StaffRole.objects.create(user=cast.users["nurse"], site=cast.site, role=Role.MEDICAL_DIRECTOR)
    Event.objects.filter(chain=f"course:{course.id}").update(by_name="=HYPERLINK(1)")
    events = Event.objects.filter(chain__in=[f"course:{course.id}", f"patient:{course.patient_id}"]).count()
    answer = cast.client("nurse").get(f"/clinic/courses/{course.id}/audit.csv")
    table = b"".join(answer.streaming_content).decode()
    assert table.count("\n") == 1 + events
    assert ",=HYPERLINK" not in table
    assert "'=HYPERLINK(1)" in table


def test_a_patient_sees_who_looked_at_their_own_record_and_at_no_other(cast, course):
    cast.client("nurse").get(f"/clinic/courses/{course.id}/")
    mine = cast.client("patient").get("/portal/who-looked/").content.decode()
    assert cast.actor("nurse").name in mine
    assert "looked at the chart" in mine
    assert cast.actor("nurse").name not in cast.client("stranger").get("/portal/who-looked/").content.decode()
