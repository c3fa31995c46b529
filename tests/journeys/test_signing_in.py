"""Passkeys, codes and a shared tablet, as people use them."""

from __future__ import annotations

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from serein_web import knowledge
from serein_web.sessionlog.models import Entry
from tests.cast import PASSWORD
from tests.journeys.conftest import DESK, PHONE, TABLET
from tests.journeys.walk import walk
from tests.web.session_steps import dosing

pytestmark = pytest.mark.journey
PIN = "482915"


def gives_passkeys(visitor) -> None:
    """This browser has a passkey device of its own, which says yes at once."""
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_set_up_first_and_then_logs_in_without_a_password(cast, visit, settings):
    settings.SEREIN_SECOND_FACTOR = True
    nurse = visit("nurse", PHONE)
    gives_passkeys(nurse)
    nurse.reads("First set up a second factor.")
    nurse.shows("account-first-factor", dark=True, sizes=(DESK, TABLET))
    nurse.follow("Add a passkey")
    nurse.shows("passkey-add", dark=True, sizes=(TABLET,))
    nurse.page.get_by_label("What you call it").fill("my telephone")
    nurse.send(nurse.page.get_by_role("button", name="Make the passkey"))
    nurse.reads("Your recovery codes")
    nurse.shows("recovery-codes", dark=True, sizes=(TABLET,))
    nurse.follow("I have kept them")
    nurse.page.get_by_role("button", name="Log out").first.click()
    nurse.page.wait_for_url("**/")
    nurse.go("/log-in/?next=/clinic/patients/")
    nurse.shows("log-in-passkey", dark=True, sizes=(TABLET,))
    nurse.press("Use a passkey")
    nurse.page.wait_for_url("**/clinic/patients/")
    nurse.go("/account/")
    nurse.reads("my telephone")
    nurse.shows("account-with-passkey", dark=True, sizes=(DESK,))


def test_a_code_follows_the_password(cast, visit):
    nurse = visit("nurse", TABLET)
    nurse.go("/account/app/")
    nurse.shows("authenticator", dark=True, sizes=(PHONE,))
    nurse.page.get_by_text("No camera?").click()
    totp = pyotp.TOTP(nurse.page.locator("details code").inner_text())
    now = int(timezone.now().timestamp())
    nurse.page.get_by_role("textbox", name="Code").fill(totp.at(now - 30))
    nurse.press("Set it up")
    nurse.reads("Your recovery codes")
    nurse.go("/account/")
    nurse.press("Log out")
    nurse.log_in("nurse")
    nurse.reads("Second step")
    nurse.shows("second-step", dark=True, sizes=(PHONE,))
    nurse.page.get_by_role("textbox", name="Code").fill(totp.at(int(timezone.now().timestamp())))
    nurse.press("Go on")
    nurse.page.wait_for_url("**/clinic/")


def shared_by(visitor, *names: str) -> None:
    """These log in fully on the tablet, set their PIN, and share it; the last one is at it."""
    for name in names:
        visitor.log_in(name)
        visitor.go("/account/pin/")
        visitor.page.get_by_label("PIN", exact=True).fill(PIN)
        visitor.page.get_by_label("The same PIN again").fill(PIN)
        if name == names[0]:
            visitor.shows("pin", dark=True, sizes=(PHONE,))
        visitor.press("Set the PIN")
        if name == names[0]:
            visitor.press("This device is shared")
            visitor.reads("This device is shared")


def test_a_shared_tablet_locks_keeps_what_was_typed_and_is_taken_over_by_pin(cast, visit, settings):
    session = dosing(cast, knowledge.current())
    chair = f"/clinic/courses/{session.course_id}/session/{session.id}/"
    tablet = visit(None, TABLET)
    shared_by(tablet, "nurse", "second_nurse")
    tablet.go(chair + "chart/note/")
    tablet.page.locator("main textarea").fill("eyes open")
    tablet.send(tablet.page.locator("header").get_by_role("button", name="Lock"))
    tablet.reads("This tablet is locked")
    tablet.shows("locked", dark=True, sizes=(PHONE, DESK))
    tablet.go(chair)
    tablet.reads("A. I.")
    expect(tablet.page.locator("main")).not_to_contain_text("Ada")
    tablet.shows("chair-locked", dark=True, sizes=(PHONE, DESK))

    tablet.go(chair + "chart/note/")
    tablet.page.get_by_label("Nurse Invented", exact=True).check()
    tablet.page.get_by_label("PIN").fill(PIN)
    tablet.press("Unlock")
    tablet.reads("Somebody else had begun to write here")
    tablet.reads("Second Nurse Invented")
    expect(tablet.page.locator("main textarea")).to_have_value("")
    tablet.shows("note-of-somebody-else")
    tablet.page.locator("main textarea").fill("sleepy")
    tablet.send(tablet.page.locator("main form button").last)
    assert Entry.objects.filter(session=session).latest("seq").by_name == "Nurse Invented"

    tablet.send(tablet.page.locator("header").get_by_role("button", name="Lock"))
    tablet.page.get_by_label("Second Nurse Invented").check()
    tablet.page.get_by_label("PIN").fill(PIN)
    tablet.press("Unlock")
    tablet.go(chair + "chart/note/")
    tablet.reads("is back")
    expect(tablet.page.locator("main textarea")).to_have_value("eyes open")


def test_the_page_locks_by_itself_and_a_form_sent_too_late_goes_through_at_once(cast, visit, settings):
    session = dosing(cast, knowledge.current())
    chair = f"/clinic/courses/{session.course_id}/session/{session.id}/"
    tablet = visit(None, TABLET)
    shared_by(tablet, "nurse")
    tablet.go(chair + "chart/note/")
    tablet.page.locator("main textarea").fill("eyes open")
    other = Client(
        headers={"cookie": "; ".join(f"{c['name']}={c['value']}" for c in tablet.context.cookies())}
    )
    other.post("/lock/")  # the same browser session, locked behind the page's back
    tablet.send(tablet.page.locator("main form button").last)
    tablet.reads("It is kept")
    tablet.shows("locked-kept", dark=True, sizes=(PHONE,))
    tablet.page.get_by_label("Nurse Invented").check()
    tablet.page.get_by_label("PIN").fill(PIN)
    tablet.press("Unlock")
    tablet.page.wait_for_url(f"**{chair}")
    entry = Entry.objects.filter(session=session).latest("seq")
    assert (entry.by_name, entry.body["text"]) == ("Nurse Invented", "eyes open")

    settings.SEREIN_LOCK_AFTER_S = 3
    tablet.go("/clinic/patients/")
    tablet.reads("This tablet is locked")
    assert PASSWORD not in tablet.page.content()


def test_every_page_of_an_account_holds_at_every_size(cast, visit):
    nurse = visit("nurse", PHONE)
    pages = ["", "passkeys/add/", "app/", "password/", "pin/", "unsent/"]
    assert walk(nurse, [f"/account/{page}" for page in pages]) == len(pages)
    tablet = visit(None, TABLET)
    shared_by(tablet, "second_nurse")
    session = dosing(cast, knowledge.current())
    tablet.send(tablet.page.locator("header").get_by_role("button", name="Lock"))
    chair = f"/clinic/courses/{session.course_id}/session/{session.id}/"
    assert walk(tablet, ["/locked/", chair]) == 2
