"""Every page of a patient and of the public, and what people do there on a phone: go back, press twice, come late."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from serein_web import knowledge
from serein_web.consent.models import Signature
from serein_web.courses.models import Course
from serein_web.demo import make
from serein_web.followup.actions import NewLink, request_questionnaires
from serein_web.followup.models import QuestionnaireRequest
from serein_web.followup.queries import own_open
from serein_web.library.reading import library
from serein_web.people.access import LINK, PUBLIC
from serein_web.people.middleware import actor_of
from serein_web.people.models import Patient, Site, User
from serein_web.record.models import Score
from serein_web.tasks.models import Task
from tests.journeys.conftest import PATIENCE_MS, PHONE, Visitor
from tests.journeys.walk import come_in, filled, walk
from tests.repo.test_house import views

pytestmark = pytest.mark.journey
PATIENTS = ("mona", "hugo")


@pytest.fixture
def demo(transactional_db, settings) -> None:
    settings.SEREIN_DEMO = True
    list(make.demo(step=lambda _: None))


@pytest.fixture
def link(demo) -> str:
    """The path of a link with sixteen questions, for a patient without a log-in."""
    course = Course.objects.get(patient__given_name="Vera")
    made = request_questionnaires(
        by=actor_of(User.objects.get(username="nurse")),
        course=course,
        id=uuid.uuid4(),
        instruments=["gad-7", "phq-9"],
        knowledge=knowledge.current(),
    )
    assert isinstance(made, NewLink)
    return f"/q/{made.token}/"


def of_patients(route: str, app: str) -> Iterator[dict[str, list]]:
    """The values that the URLs of the patients with a log-in can have."""
    for patient in Patient.objects.filter(user__username__in=PATIENTS):
        yield {
            "course_id": list(Course.objects.filter(patient=patient).values_list("id", flat=True)),
            "signature_id": list(Signature.objects.filter(patient=patient).values_list("id", flat=True)),
            "request_id": [row.id for row in own_open(actor_of(patient.user), timezone.now())],
        }


def shown_to(client: Client, urls: Iterable[str]) -> list[str]:
    """Those of the URLs that answer this client with a page; a patient gets nothing of another's."""
    return [url for url in urls if client.get(url).status_code == 200]


def look(visitor: Visitor, urls: Iterable[str]) -> None:
    """Walk, and see on every page that the crisis line is on the screen of a phone, large enough to press."""
    for url in urls:
        walk(visitor, [url])
        call = visitor.page.locator(".help-bar a").first
        expect(call).to_have_attribute("href", "tel:988")
        expect(call).to_be_in_viewport(ratio=1)


def test_every_page_of_a_patient_is_calm_and_has_the_crisis_line(demo, visit):
    urls, seen = set(filled("portal/", of_patients)), set()
    for username in PATIENTS:
        visitor = visit()
        own = shown_to(come_in(visitor, username), sorted(urls))
        look(visitor, own)
        seen |= set(own)
    assert urls == seen


def test_every_page_of_the_public_and_of_a_link_is_calm_and_has_the_crisis_line(demo, link, visit):
    values = {
        "site_id": [Site.objects.get().id],
        "token": [link.split("/")[2]],
        "page": list(library().pages["en"]),
        "key": ["taylor-2018", "spravato-us-adverse-reactions"],
    }
    routes = sorted(route for route, view in views() if view.permission in {PUBLIC, LINK} and route)
    urls = ["/", *(url for route in routes for url in filled(route, lambda *_: [values]))]
    visitor = visit()
    pages = shown_to(Client(), urls)
    assert {"/", "/log-in/", "/enquiry/thanks/", link} <= set(pages)
    look(visitor, pages)


def test_what_is_gone_missing_or_closed_is_calm_and_has_the_crisis_line(demo, visit):
    visitor = visit()
    come_in(visitor, "mona")
    look(visitor, ["/q/nobody-was-given-this/", "/nothing-is-here/", "/clinic/today/"])
    # The browser itself notes that the answer was a refusal: that is what was asked for.
    visitor.faults[:] = [f for f in visitor.faults if "Failed to load resource" not in f]


def newest() -> QuestionnaireRequest:
    return QuestionnaireRequest.objects.latest("created_at")


def safety_tasks() -> int:
    return Task.objects.filter(key__startswith=f"followup-safety:{newest().id}").count()


def answer(visitor: Visitor, choice: str, button: str = "Next") -> None:
    visitor.page.get_by_label(choice, exact=True).check()
    visitor.press(button)


def test_the_browsers_back_leads_to_the_question_before_and_loses_nothing(link, visit):
    phone = visit(size=PHONE)
    phone.go(link)
    for choice in ("Several days", "Not at all", "Nearly every day"):
        answer(phone, choice)
    phone.reads("Question 4 of 16")
    phone.page.go_back()
    phone.reads("Question 3 of 16")
    expect(phone.page.get_by_label("Nearly every day", exact=True)).to_be_checked()
    phone.page.go_back()
    phone.reads("Question 2 of 16")
    answer(phone, "Several days")
    answer(phone, "Nearly every day")
    phone.reads("Question 4 of 16")
    phone.page.reload()
    phone.reads("Question 4 of 16")
    phone.go(link)
    phone.reads("Question 4 of 16")


def test_a_hard_answer_shows_whom_to_call_at_once_and_again_when_it_is_sent_twice(link, visit):
    phone = visit(size=PHONE)
    phone.go(link)
    for _ in range(15):
        answer(phone, "Several days")
    phone.page.get_by_label("Several days", exact=True).check()
    phone.press("Back")
    phone.reads("You do not have to carry that alone")
    assert safety_tasks() == 1
    phone.shows("portal-heard", dark=True)
    phone.press("Next")
    button = phone.page.locator("main").get_by_role("button", name="Send my answers", exact=True)
    with phone.page.expect_navigation():
        button.dblclick()
    phone.reads("Thank you for telling us")
    expect(phone.page.locator("main").get_by_role("link", name="Call 988")).to_be_in_viewport()
    phone.shows("portal-told", dark=True)
    assert (
        Score.objects.filter(request_id__in=[newest().score_id(k) for k in ("gad-7", "phq-9")]).count() == 2
    )
    assert safety_tasks() == 1
    phone.page.go_back()
    phone.reads("This link is no longer valid")
    phone.faults[:] = [f for f in phone.faults if "410" not in f]


def test_a_link_that_ends_under_the_fingers_still_hears_a_hard_answer(link, visit):
    phone = visit(size=PHONE)
    phone.go(link)
    for _ in range(15):
        answer(phone, "Not at all")
    QuestionnaireRequest.objects.update(expires_at=timezone.now())
    answer(phone, "Several days", "Send my answers")
    phone.reads("Thank you for telling us")
    phone.reads("your other answers were not kept")
    phone.shows("portal-told-late", dark=True)
    assert safety_tasks() == 1


def test_without_a_script_or_a_cookie_the_questions_can_be_answered(link, browser, live_server):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(link)
    for step in range(1, 17):
        context.clear_cookies()
        expect(page.locator("main")).to_contain_text(f"Question {step} of 16")
        page.get_by_label("Not at all", exact=True).check()
        page.locator("main button.main").click()
    expect(page.locator("h1")).to_have_text("Thank you. Your answers have arrived.")
    context.close()


def test_signing_twice_is_signing_once_and_it_can_be_taken_back_on_the_phone(demo, visit):
    phone = visit(size=PHONE)
    come_in(phone, "mona")
    phone.go("/portal/")
    phone.follow("Read about the treatment")
    phone.follow("Read it")
    phone.follow("Read the full text")
    phone.follow("Go on to sign")
    phone.press("Sign")
    phone.reads("It is not signed yet")
    phone.shows("portal-sign-refused", dark=True)
    phone.page.get_by_label("Full name").fill("Mona Demo-Dale")
    phone.page.get_by_label("I have read this").check()
    with phone.page.expect_navigation():
        phone.page.locator("main").get_by_role("button", name="Sign", exact=True).dblclick()
    phone.reads("This is the text that was signed.")
    phone.shows("portal-signed", dark=True)
    assert Signature.objects.filter(patient__given_name="Mona").count() == 1
    phone.send(phone.page.locator(".back a"))
    phone.follow("Take back my consent")
    phone.press("Take it back now")
    phone.reads("You have taken back your consent")
    phone.shows("portal-withdrawn", dark=True)
    phone.faults[:] = [f for f in phone.faults if "400 (Bad Request)" not in f]


def test_a_printed_sheet_says_whose_it_is_and_whom_to_call(demo, visit):
    phone = visit(size=PHONE)
    come_in(phone, "mona")
    phone.go("/portal/recovery/")
    phone.page.emulate_media(media="print")
    main = phone.page.locator("main")
    for words in ("Harbour Clinic (demo)", "Telephone 555 0100", "born Friday 11 May 1990", "Call 988"):
        expect(main.get_by_text(words).first).to_be_visible()
    expect(phone.page.locator(".sheet")).to_be_visible()
    for pressed in (".masthead", ".back", ".footer"):
        expect(phone.page.locator(pressed)).to_be_hidden()


def test_light_or_dark_is_remembered_on_the_device(demo, visit):
    phone = visit(size=PHONE)
    phone.go("/")
    phone.page.get_by_role("button", name="Dark page").click()
    phone.go("/log-in/")
    expect(phone.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(phone.page.get_by_role("button", name="Light page")).to_be_visible()
