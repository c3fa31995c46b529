"""Every page of the clinic that a GET shows, on the demo's people at every stage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from serein.pathway import ENDED, STAGES
from serein_web import knowledge
from serein_web.careteam.models import Letter, Relation
from serein_web.consent.models import Signature
from serein_web.courses.models import Course
from serein_web.demo import make
from serein_web.enquiry.models import ConsultationRequest
from serein_web.followup.models import QuestionnaireRequest
from serein_web.guide.actions import propose
from serein_web.guide.models import OverlayProposal
from serein_web.people.middleware import actor_of
from serein_web.people.models import Shift, Site, User
from serein_web.record.models import Document, Medicine
from serein_web.recovery.views_clinic import HERE
from serein_web.schedule.models import Appointment
from serein_web.screening.models import DecisionRecord
from serein_web.session import actions as session_stage
from serein_web.sessionlog.forms import FORMS
from serein_web.sessionlog.models import Entry, Session
from serein_web.tasks.models import Task
from tests.journeys.conftest import PHONE
from tests.journeys.walk import come_in, filled, pages, walk

pytestmark = pytest.mark.journey
ORDER = (ENDED, *STAGES)
KINDS = {
    "record": ["medicine", "allergy", "problem"],
    "session": sorted(set(FORMS) - {"override"}),
    "recovery": list(HERE),
}


@pytest.fixture
def demo(transactional_db, settings) -> None:
    """The demo's people, with one in front of the gate and one whose heart races."""
    settings.SEREIN_DEMO = True
    list(make.demo(step=lambda _: None))
    nurse = actor_of(User.objects.get(username="nurse"))
    propose(
        by=nurse,
        site=Site.objects.get(),
        knowledge=knowledge.current(),
        rule="pressure-severe-before-dose",
        path="when.any.systolic_pressure.at_least",
        value="170 mmHg",
        reason="the emergency team is half an hour away",
    )
    waiting = Course.objects.get(patient__given_name="Lena")
    assert isinstance(session_stage.open_session(by=nurse, course=waiting), Session)
    dosing = Session.objects.get(patient__given_name="Ravi", status=Session.Status.RUNNING)
    racing = {"heart_rate": 150.0, "systolic_pressure": 171.0, "diastolic_pressure": 104.0}
    session_stage.chart(
        by=nurse,
        session=dosing,
        kind="observation",
        body={"values": racing},
        knowledge=knowledge.current(),
        at=timezone.now(),
    )


def of_one(course: Course, app: str) -> dict[str, list]:
    """The values that a URL of one course can have, by the names that URLs use."""
    sessions = Session.objects.filter(course=course).order_by("-number")[:1]
    medicines = Medicine.objects.filter(patient=course.patient, status="active")[:1]
    charted = Entry.objects.filter(session__in=list(sessions), kind="observation").order_by("-seq")[:1]
    requests = {"enquiry": ConsultationRequest.objects.all()}.get(
        app, QuestionnaireRequest.objects.filter(course=course)
    )
    return {
        "course_id": [course.id],
        "patient_id": [course.patient_id],
        "session_id": [row.id for row in sessions],
        "entry_id": [row.id for row in (medicines if app == "record" else charted)],
        "decision_id": [row.id for row in DecisionRecord.objects.filter(course=course)[:1]],
        "override_id": [course.id],
        "document_id": [row.id for row in Document.objects.filter(patient=course.patient)],
        "signature_id": [row.id for row in Signature.objects.filter(course=course)[:1]],
        "appointment_id": [row.id for row in Appointment.objects.filter(patient=course.patient)[:1]],
        "request_id": [row.id for row in requests],
        "task_id": [row.id for row in Task.objects.all()],
        "site_id": [course.site_id],
        "user_id": [row.id for row in User.objects.filter(username="nurse")],
        "shift_id": [row.id for row in Shift.objects.all()[:1]],
        "relation_id": [row.id for row in Relation.objects.filter(patient=course.patient)],
        "letter_id": [row.id for row in Letter.objects.filter(course=course)],
        "kind": KINDS.get(app, []),
        "fact": ["systolic_pressure"],
        "key": ["spravato-us-label"],
        "instrument": ["lsas-ca"],
        "rule_key": ["pressure-severe-before-dose"],
        "path": ["when.any.systolic_pressure.at_least"],
        "folder": ["routes"],
        "entry_key": ["intravenous"],
        "proposal_id": list(OverlayProposal.objects.values_list("id", flat=True)),
        "checklist": ["anaphylaxis"],
    }


def situations(route: str, app: str) -> Iterator[dict[str, list]]:
    """Two courses in the stage of a route and the one that went furthest; one at every stage for the chart.

    One course is enough for the forms of one kind each.
    """
    courses = sorted(
        Course.objects.select_related("patient"), key=lambda c: (ORDER.index(c.state), c.opened_at)
    )
    here = [course for course in courses if course.state == app]
    if app in STAGES and app != "enquiry":
        chosen = here[:1] if "<slug:kind>" in route else [*here[:2], courses[-1]]
    elif app == "careteam":
        chosen = [letter.course for letter in Letter.objects.select_related("course__patient")]
    elif route == "clinic/courses/<uuid:course_id>/":
        chosen = list({course.state: course for course in courses}.values())
    else:
        chosen = [Course.objects.get(patient__given_name="Iris")]
    for course in chosen:
        values = of_one(course, app)
        yield values | {"kind": ["medicine"]} if "stop" in route else values


def test_every_staff_page_is_fit_for_a_desk_and_a_phone_in_the_light_and_in_the_dark(demo, visit):
    left, seen, faults = list(filled("clinic/", situations)), 0, []
    for username in ("prescriber", "director", "admin"):
        visitor = visit()
        client = come_in(visitor, username)
        closed = [url for url in left if client.get(url).status_code == 403]
        seen += walk(visitor, pages(client, [url for url in left if url not in closed]))
        left, faults = closed, faults + visitor.faults
    assert not faults, "\n".join(faults)
    assert left == []
    assert seen > len(STAGES)


def test_on_a_phone_name_phase_and_stop_stay_in_sight(demo, visit):
    visitor = visit(size=PHONE)
    come_in(visitor, "nurse")
    running = Session.objects.get(patient__given_name="Ravi", status=Session.Status.RUNNING)
    visitor.go(f"/clinic/courses/{running.course_id}/session/{running.id}/")
    for way in (0, 900, 1800):
        visitor.page.evaluate("(way) => scrollTo(0, way)", way)
        for told in ("Ravi Demo-Grant", "Dosing", "Stop the dose"):
            shown = visitor.page.locator("#chair-head").get_by_text(told, exact=True)
            expect(shown).to_be_in_viewport(ratio=1)
            visitor.page.locator("#chair-head").get_by_text(told, exact=True).click(trial=True)
