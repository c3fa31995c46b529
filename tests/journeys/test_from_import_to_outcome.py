"""One patient, from the imported record to the first outcome, as a nurse, a prescriber and the patient do it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from serein_web.consent.actions import publish_packaged_documents
from serein_web.courses.models import Course
from serein_web.people.access import SEREIN
from serein_web.people.actions import open_account
from serein_web.people.models import Patient
from serein_web.schedule.actions import add_chair
from serein_web.sessionlog.models import Session
from serein_web.tasks.models import Task
from tests import bundles
from tests.cast import PASSWORD
from tests.journeys.conftest import DESK, PHONE, TABLET

pytestmark = pytest.mark.journey

YES = {
    "can_consent",
    "has_capacity",
    "medicines_confirmed_today",
    "monitor_alarms_on",
    "pregnancy_excluded_today",
}
YES |= {"back_to_self", "walks_unaided", "cannula_removed"}
NUMBERS = {
    "weight": "70",
    "height": "172",
    "systolic_pressure": "122",
    "diastolic_pressure": "78",
    "heart_rate": "70",
    "oxygen_saturation": "98",
    "respiratory_rate": "14",
    "hours_since_food": "9",
    "hours_since_drink": "3",
    "sedation_moaas": "5",
    "nausea_rating": "0",
    "dissociation_rating": "0",
    "distress_rating": "0",
}
FILL = """([form, numbers, yes]) => {
  for (const box of form.querySelectorAll('details')) box.open = true;
  for (const field of form.elements) {
    if (!field.name || field.type === 'hidden' || field.name === 'at') continue;
    if (field.type === 'radio') field.checked = field.value === (yes.includes(field.name) ? 'yes' : 'no');
    else if (field.tagName === 'SELECT') field.selectedIndex = 1;
    else if (field.tagName === 'INPUT') field.value = numbers[field.name] || '1';
  }
}"""


def fill(visitor, action: str) -> bool:
    """Fill the form that is sent to `action` with answers that raise no concern; False if there is none."""
    form = visitor.page.locator(f'form[action*="{action}"]').filter(
        has=visitor.page.locator("input:visible, input[type=radio]")
    )
    if not form.count():
        return False
    form.first.evaluate(f"(form, given) => ({FILL})([form, ...given])", [NUMBERS, sorted(YES)])
    return True


def record_of(given: str, family: str, born: str) -> bytes:
    person = bundles.patient(born=born, family=family)
    person["name"][0]["given"] = [given]
    return bundles.as_bytes(
        bundles.bundle(
            bundles.condition("38341003", "Hypertension"),
            bundles.medication_request("197527", "Clonazepam 0.5 MG Oral Tablet"),
            person=person,
        )
    )


def test_a_patient_goes_from_an_imported_record_to_the_first_outcome(cast, visit, clock):
    publish_packaged_documents(by=SEREIN)
    add_chair(by=SEREIN, site=cast.site, name="Chair 1")
    nurse, doctor = visit("nurse", DESK), visit("prescriber", DESK)
    course = register_and_import(nurse)
    decide(nurse, doctor, course)
    sign_consent(visit, course)
    order(doctor, course)
    session = treat(visit, nurse, course, clock)
    recover(nurse, course, session, clock)
    follow_up(visit, nurse, course)
    nurse.go(f"/clinic/courses/{course.id}/outcomes/")
    nurse.shows("outcomes", dark=True, sizes=(TABLET, PHONE))
    nurse.go(f"/clinic/courses/{course.id}/")
    nurse.shows("course", dark=True, sizes=(TABLET, PHONE))


def register_and_import(nurse) -> Course:
    nurse.shows("today", dark=True, sizes=(TABLET, PHONE))
    nurse.go("/clinic/patients/register/")
    nurse.page.get_by_label("Given name").fill("Wanda")
    nurse.page.get_by_label("Family name").fill("Wander-Invented")
    nurse.page.get_by_label("Date of birth").fill("1984-05-06")
    nurse.page.get_by_label("Sex", exact=True).select_option("female")
    nurse.press("Register")
    nurse.shows("patient")
    nurse.follow("Begin a course")
    nurse.page.get_by_label("What is to be treated").fill("generalised anxiety disorder")
    nurse.page.get_by_label("Route").select_option("intravenous")
    nurse.press("Begin screening")
    course = Course.objects.get(patient__given_name="Wanda")
    nurse.go(f"/clinic/courses/{course.id}/screening/import/")
    data = record_of("Wanda", "Wander-Invented", "1984-05-06")
    nurse.page.locator("input[type=file]").set_input_files(
        {"name": "record.json", "mimeType": "application/json", "buffer": data}
    )
    nurse.press("Import")
    nurse.go(f"/clinic/courses/{course.id}/screening/")
    nurse.reads("Hypertension")
    nurse.shows("decision", dark=True, sizes=(TABLET,))
    return course


def decide(nurse, doctor, course: Course) -> None:
    """The nurse attests a group and answers the rest; the prescriber overrides what is relative and accepts."""
    nurse.page.locator("summary", has_text="cardiovascular").first.click()
    nurse.page.get_by_role("button", name=re.compile("Cardiovascular: none of these")).click()
    for _ in range(6):
        nurse.go(f"/clinic/courses/{course.id}/screening/")
        if not fill(nurse, "/screening/answers/"):
            break
        nurse.press("Keep these answers")
    for _ in range(8):
        doctor.go(f"/clinic/courses/{course.id}/screening/")
        if doctor.page.get_by_role("button", name="Accept for treatment").count():
            break
        box = doctor.page.locator(".finding", has=doctor.page.get_by_text("Override or dispute")).first
        box.get_by_text("Override or dispute").click()
        box.locator("textarea").fill("Discussed with the patient and their physician.")
        doctor.send(box.get_by_role("button", name="Override this finding"))
    doctor.press("Accept for treatment")
    course.refresh_from_db()
    assert course.state == "consent"


def sign_consent(visit, course: Course) -> None:
    open_account(
        by=SEREIN, patient=Patient.objects.get(id=course.patient_id), username="wanda", password=PASSWORD
    )
    patient = visit("wanda", PHONE)
    patient.shows("portal", dark=True)
    patient.go("/portal/consent/")
    patient.follow("Read it")
    patient.shows("consent-short", dark=True)
    patient.follow("Read the full text")
    patient.shows("consent-full")
    patient.follow("Go on to sign")
    patient.page.get_by_label("I have read this, I could ask my questions, and I agree.").check()
    patient.page.get_by_label("Full name").fill("Wanda Wander-Invented")
    patient.shows("consent-sign")
    patient.press("Sign")
    course.refresh_from_db()
    assert course.state == "plan"
    patient.page.go_back()
    patient.page.goto("/portal/consent/")
    patient.reads("You have agreed to the treatment")


def order(doctor, course: Course) -> None:
    doctor.go(f"/clinic/courses/{course.id}/plan/")
    doctor.page.locator("[name=concentration]").fill("1 mg/mL")
    month = timezone.localtime() + dt.timedelta(days=30)
    doctor.page.get_by_label("Valid until").fill(f"{month:%Y-%m-%dT%H:%M}")
    doctor.press("Save and check")
    doctor.reads("A larger dose meets first")
    doctor.shows("plan", dark=True, sizes=(TABLET,))
    doctor.press("Sign the order")
    course.refresh_from_db()
    assert course.state == "session"


def treat(visit, nurse, course: Course, clock) -> Session:
    """The gate with two readers, the dose, readings, an alarm that is acknowledged, the end."""
    clock.wait(minutes=1)
    nurse.page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    nurse.go(f"/clinic/courses/{course.id}/session/")
    nurse.press("Open the session")
    session = Session.objects.get(course=course)
    here = f"/clinic/courses/{course.id}/session/{session.id}/"
    nurse.page.get_by_label("name, said by the person").check()
    nurse.page.get_by_label("date of birth, said by the person").check()
    nurse.press("Checked in")
    nurse.go(here + "chart/escort/")
    nurse.page.get_by_label("Escort's name").fill("Robin Invented")
    nurse.press("Save")
    nurse.go(here + "gate/")
    nurse.follow("Go through the medicines")
    for choice in nurse.page.locator("main input[type=radio][value='as-written']").all():
        choice.check()
    nurse.page.get_by_label(re.compile("This is the whole list")).check()
    nurse.shows("medicines", sizes=(PHONE,))
    nurse.press("Attest the list")
    for _ in range(4):
        nurse.go(here + "gate/")
        if not nurse.page.get_by_role("button", name="Save the answers").count():
            break
        fill(nurse, "chart/observation/")
        nurse.press("Save the answers")
    nurse.shows("gate", sizes=(DESK, PHONE))
    second = visit("second_nurse", TABLET)
    for reader in (nurse, second):
        reader.go(here + "gate/")
        reader.page.get_by_label("Dose", exact=True).fill("35 mg")
        for label, value in (
            ("Concentration", "1"),
            ("Volume to be given", "35"),
            ("Rate on the pump", "52.5"),
        ):
            reader.page.get_by_label(re.compile(f"^{label}")).fill(value)
        reader.press("This is what I read")
    nurse.go(here + "gate/")
    nurse.reads("The gate is open")
    nurse.press("Start the dose")
    clock.wait(minutes=10)
    nurse.go(here)
    for name, value in (("systolic_pressure", "165"), ("diastolic_pressure", "96"), ("heart_rate", "88")):
        nurse.page.locator(f"input[name={name}]").fill(value)
    nurse.press("Chart the readings")
    nurse.shows("chair-alarm", sizes=(DESK, PHONE))
    nurse.press("I have seen it")
    nurse.reads("165/96")
    clock.wait(minutes=30)
    nurse.go(here + "chart/dosing-stop/")
    nurse.page.get_by_label("completed", exact=True).check()
    nurse.press("Save")
    nurse.shows("chair-after")
    return session


def recover(nurse, course: Course, session: Session, clock) -> None:
    here = f"/clinic/courses/{course.id}/recovery/"
    nurse.go(here)
    nurse.reads("Not yet")
    nurse.shows("recovery-not-yet", dark=True)
    clock.wait(minutes=65)
    for _ in range(3):
        nurse.go(here)
        if not nurse.page.get_by_role("button", name="Save the answers").count():
            break
        fill(nurse, "chart/observation/")
        nurse.press("Save the answers")
    nurse.page.get_by_label("Escort's name").fill("Robin Invented")
    nurse.page.get_by_label("The escort is here").check()
    nurse.press("Save the escort")
    nurse.press("Instructions given")
    nurse.follow("Recovery score (Aldrete)")
    best = nurse.page.locator("main input[type=radio][value='2']")
    expect(best).to_have_count(5)
    for choice in best.all():
        choice.check()
    nurse.press("Save")
    nurse.go(here)
    nurse.reads("Discharge is open")
    nurse.shows("recovery-open")
    nurse.press("Discharge")
    session.refresh_from_db()
    assert (session.status, session.outcome) == ("ended", "completed")


def follow_up(visit, nurse, course: Course) -> None:
    """A link, answered on a phone with a worrying answer; a task that blocks; a clinician who has seen it."""
    here = f"/clinic/courses/{course.id}/followup/"
    nurse.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    nurse.go(here)
    nurse.press("Make a link for the patient")
    link = nurse.page.locator("main .panel a").get_attribute("href")
    phone = visit(None, PHONE)
    phone.go(link)
    phone.shows("question", dark=True)
    for _ in range(30):
        radios = phone.page.locator("main input[type=radio]")
        if not radios.count():
            break
        radios.nth(1).check()
        phone.send(phone.page.locator("main .actions button").first)
    phone.reads("Thank you for telling us")
    phone.reads("988")
    phone.shows("told", dark=True)
    task = Task.objects.get(course_id=course.id, kind="safety", done_at=None)
    assert task.blocks_next_dose
    nurse.go("/clinic/worklist/")
    nurse.shows("worklist", dark=True, sizes=(PHONE,))
    nurse.follow(task.title)
    nurse.page.get_by_label("What was done, and what came of it").fill(
        "Called: safe, no plan, seen tomorrow."
    )
    nurse.press("Done")
    task.refresh_from_db()
    assert task.done_at is not None
    nurse.go(here)
    nurse.shows("followup")
    nurse.press("Review the outcomes")
    course.refresh_from_db()
    assert course.state == "outcomes"
