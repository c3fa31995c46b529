"""A tablet that several people use locks by itself, loses nothing, and charts under the name of whoever is there."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein_web.audit.models import Event
from serein_web.audit.verify import faults
from serein_web.people.actions import set_pin
from serein_web.people.models import User
from serein_web.sessionlog.models import Entry
from tests.cast import PASSWORD
from tests.web.people.test_second_factor import by_passkey, with_passkey
from tests.web.session_steps import dosing

pytestmark = pytest.mark.django_db
PINS = {"nurse": "482915", "second_nurse": "730264", "prescriber": "615283"}
PATIENTS, LOCKED = "/clinic/patients/", "/locked/"


@pytest.fixture
def later(monkeypatch):
    """`later(61)`: so many seconds pass on the server's clock."""
    ahead, now = [dt.timedelta()], timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + ahead[0])

    def wait(seconds: int) -> None:
        ahead[0] += dt.timedelta(seconds=seconds)

    return wait


def come(client, name: str) -> None:
    assert client.post("/log-in/", {"username": name, "password": PASSWORD}).status_code == 302


def tablet(cast, *names: str):
    """A shared tablet on which these have logged in today, each with a PIN; the last one is at it."""
    client = cast.client()
    for name in names:
        set_pin(by=cast.actor(name), user=cast.users[name], pin=PINS[name])
        come(client, name)
        if name == names[0]:
            client.post("/account/shared/", {"shared": "yes"})
    return client


def unlock(client, cast, name: str, pin: str = "", path: str = ""):
    user = cast.users[name]
    return client.post(LOCKED, {"user": str(user.id), "pin": pin or PINS[name], "next": path})


def is_locked(client) -> bool:
    answer = client.get(PATIENTS)
    return answer.status_code == 302 and answer["Location"].startswith(LOCKED)


def chair(session) -> str:
    return f"/clinic/courses/{session.course_id}/session/{session.id}/"


# ── the lock ──


def test_a_shared_device_locks_after_a_minute_without_a_touch_and_another_does_not(cast, later):
    client, own = tablet(cast, "nurse"), cast.client()
    come(own, "prescriber")
    later(50)
    assert not is_locked(client)
    later(50)
    assert not is_locked(client), "the page before was a touch"
    later(61)
    assert is_locked(client)
    assert own.get(PATIENTS).status_code == 200


def test_what_a_page_asks_by_itself_is_no_touch_and_a_touch_is(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse")
    for _ in range(3):
        later(25)
        client.get(chair(session) + "live/", headers={"HX-Request": "true"})
    assert is_locked(client)
    client = tablet(cast, "nurse")
    for _ in range(3):
        later(25)
        assert client.post("/account/awake/").status_code == 204
    assert not is_locked(client)


def test_the_lock_page_names_staff_and_no_patient_and_no_page_is_kept_by_the_browser(cast):
    client = tablet(cast, "nurse", "second_nurse")
    assert client.get(PATIENTS)["Cache-Control"] == "no-store"
    client.post("/lock/", {"next": f"/clinic/patients/{cast.patient.id}/"})
    page = client.get(PATIENTS, follow=True).content.decode()
    assert "Nurse Invented" in page
    assert "Second Nurse Invented" in page
    assert cast.patient.family_name not in page.replace("Nurse Invented", "")
    assert "Prescriber" not in page, "only who has logged in here today"


def test_every_clinical_page_is_behind_the_lock(cast):
    from tests.repo.test_house import views
    from tests.web.everything import ids_of_everything
    from tests.web.test_access import filled

    ids = ids_of_everything(cast)
    client = tablet(cast, "prescriber")
    client.post("/lock/")
    open_ = set()
    for route, view in views():
        if route.startswith(("clinic/", "account/")):
            answer = client.get(filled(route, ids))
            if not answer.get("Location", "").startswith(LOCKED):
                open_.add(view.__name__)
                assert cast.patient.given_name not in answer.content.decode().replace("Prescriber", "")
    assert open_ == {"chair", "live", "stop_while_locked"}


# ── switching ──


def test_whoever_unlocks_by_pin_is_the_one_who_charts_from_then_on(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse", "second_nurse")
    key = client.session.session_key
    token = client.get(chair(session)).cookies["csrftoken"].value
    later(61)
    assert unlock(client, cast, "nurse", path=chair(session))["Location"] == chair(session)
    assert client.session.session_key != key
    assert client.get(chair(session)).cookies["csrftoken"].value != token
    client.post(chair(session) + "chart/note/", {"id": uuid.uuid4(), "text": "calm"})
    assert Entry.objects.filter(session=session).latest("seq").by_name == "Nurse Invented"
    later(61)
    unlock(client, cast, "second_nurse")
    client.post(chair(session) + "chart/note/", {"id": uuid.uuid4(), "text": "still calm"})
    assert Entry.objects.filter(session=session).latest("seq").by_name == "Second Nurse Invented"
    assert Event.objects.filter(action="log-in.switch-by-pin").count() == 2
    assert faults(f"site:{cast.site.id}") == []


def test_a_pin_opens_only_where_its_owner_has_logged_in_that_day(cast, later, settings):
    settings.SESSION_COOKIE_AGE = 3 * 24 * 3600  # longer than a day, so that it is the day that counts
    client = tablet(cast, "nurse")
    set_pin(by=cast.actor("second_nurse"), user=cast.users["second_nurse"], pin=PINS["second_nurse"])
    client.post("/lock/")
    assert unlock(client, cast, "second_nurse").status_code == 400
    later(24 * 3600)
    assert is_locked(client)
    assert unlock(client, cast, "nurse").status_code == 400


def test_a_pin_opens_nothing_but_a_lock(cast):
    client = tablet(cast, "nurse")
    unlock(cast.client(), cast, "nurse")
    client.post("/lock/")
    unlock(client, cast, "nurse")
    assert client.get("/account/pin/")["Location"].startswith("/log-in/")
    assert client.post("/account/passkeys/ask/").status_code == 302


def test_a_pin_never_stands_in_for_a_second_factor_that_is_missing(cast, settings):
    settings.SEREIN_SECOND_FACTOR = True
    client, _device = with_passkey(cast, "nurse")
    client.post("/account/shared/", {"shared": "yes"})
    set_pin(by=cast.actor("prescriber"), user=cast.users["prescriber"], pin=PINS["prescriber"])
    come(client, "prescriber")
    assert client.post("/account/shared/", {"shared": "yes"})["Location"] == "/account/"
    client.post("/lock/")
    assert unlock(client, cast, "prescriber").status_code == 400
    assert "Prescriber Invented" not in client.get(LOCKED).content.decode()


def test_a_passkey_takes_over_too(cast):
    _own, device = with_passkey(cast, "prescriber")
    client = tablet(cast, "nurse")
    client.post("/lock/")
    assert by_passkey(client, device).status_code == 302
    assert client.get("/account/").context["user"].username == "prescriber"
    client.post("/lock/")
    assert "Prescriber Invented" in client.get(LOCKED).content.decode()


def test_five_wrong_pins_rest_it_until_a_full_log_in(cast):
    client = tablet(cast, "nurse")
    client.post("/lock/")
    said = {unlock(client, cast, "nurse", "000001").content.decode().count("not right") for _ in range(5)}
    assert len(said) == 1, "the fifth tells no more than the first"
    assert unlock(client, cast, "nurse").status_code == 400
    assert Event.objects.filter(action="log-in.lock-pin").count() == 1
    come(client, "nurse")
    client.post("/lock/")
    assert unlock(client, cast, "nurse").status_code == 302


def test_wrong_pins_are_counted_with_wrong_passwords(cast, settings):
    client = tablet(cast, "nurse")
    client.post("/lock/")
    settings.AXES_ENABLED = True
    wrong = [unlock(client, cast, "nurse", "000001").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert wrong[-1] == 429


def test_whose_access_was_ended_or_reset_is_no_longer_among_the_names(cast):
    client = tablet(cast, "nurse", "second_nurse")
    User.objects.filter(id=cast.users["nurse"].id).update(epoch=1)
    client.post("/lock/")
    page = client.get(LOCKED).content.decode()
    assert "Second Nurse Invented" in page
    assert page.count("Nurse Invented") == 1
    assert unlock(client, cast, "nurse").status_code == 400


@pytest.mark.parametrize("pin", ["12345", "123456", "111111", "987654", "abcdef", "٤٨٢٩١٥", ""])
def test_a_pin_that_is_short_or_guessed_at_once_is_refused(cast, pin):
    client = cast.client()
    come(client, "nurse")
    assert client.post("/account/pin/", {"pin": pin, "again": pin}).status_code == 400


def test_the_pin_is_hashed_and_stands_in_no_audit(cast):
    client = cast.client()
    come(client, "nurse")
    assert client.post("/account/pin/", {"pin": "482915", "again": "482915"}).status_code == 302
    assert "482915" not in User.objects.get(username="nurse").pin.hash
    assert "482915" not in str(list(Event.objects.values()))


def test_patients_share_no_device(cast):
    client = cast.client()
    come(client, "patient")
    assert client.post("/account/shared/", {"shared": "yes"}).status_code == 403


# ── nothing is lost ──


def note(client, session, words: str = "calm", **more):
    return client.post(chair(session) + "chart/note/", {"id": uuid.uuid4(), "text": words} | more)


def resend(client, one: dict):
    fields = {k: v[0] for k, v in one["fields"].items()}
    return client.post(one["path"], fields | {"unsent": one["id"]})


def test_what_was_sent_at_a_locked_tablet_goes_through_under_its_own_name_and_time(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse", "second_nurse")
    later(61)
    before, sent_at = Entry.objects.count(), timezone.now()
    assert note(client, session, "fully awake")["Location"] == LOCKED + "?kept=yes"
    assert Entry.objects.count() == before, "the lock refuses every write"
    later(120)
    assert unlock(client, cast, "second_nurse")["Location"] == "/account/unsent/?now=yes"
    page = client.get("/account/unsent/?now=yes")
    assert page.context["at_once"]
    resend(client, page.context["mine"][0])
    entry = Entry.objects.filter(session=session).latest("seq")
    assert (entry.by_name, entry.body["text"]) == ("Second Nurse Invented", "fully awake")
    assert abs((entry.at - sent_at).total_seconds()) < 2
    assert client.get("/account/unsent/").context["mine"] == []


def test_somebody_else_sees_that_it_waits_and_cannot_send_it(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse", "second_nurse")
    later(61)
    note(client, session, "fully awake")
    assert "Something that Second Nurse Invented sent is waiting" in client.get(LOCKED).content.decode()
    assert unlock(client, cast, "nurse")["Location"] == "/home/"
    page = client.get("/account/unsent/")
    assert (page.context["mine"], len(page.context["others"])) == ([], 1)
    assert "fully awake" not in page.content.decode()
    client.post("/account/unsent/", {"drop": page.context["others"][0]["id"]})
    assert client.post("/log-out/")["Location"] == "/account/unsent/"
    later(61)
    assert unlock(client, cast, "second_nurse")["Location"] == "/account/unsent/?now=yes"


def test_giving_up_what_somebody_had_sent_is_audited_by_name(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse", "second_nurse")
    later(61)
    note(client, session)
    unlock(client, cast, "nurse")
    assert client.post("/log-out/", {"lose": "yes"})["Location"] == "/"
    assert Event.objects.get(action="log-in.give-up-unsent").by_name == "Nurse Invented"


def test_a_file_is_not_kept_and_the_lock_says_so(cast, later, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    course = cast.course()
    client = tablet(cast, "nurse")
    later(61)
    file = SimpleUploadedFile("record.json", b"{}")
    answer = client.post(f"/clinic/courses/{course.id}/screening/import/", {"file": file})
    assert answer["Location"] == LOCKED + "?kept=no"
    assert "could not be kept" in client.get(answer["Location"]).content.decode()


# ── care goes on ──


def test_numbers_and_alarms_stay_on_the_locked_chair_and_the_name_is_two_letters(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse")
    later(61)
    page = client.get(chair(session))
    shown = page.content.decode()
    assert page.status_code == 200
    assert 'class="readings"' in shown
    assert "A. I." in shown
    assert cast.patient.given_name not in shown
    assert "Chart the readings" not in shown
    part = client.get(chair(session) + "live/?locked=yes", headers={"HX-Request": "true"}).content.decode()
    assert 'class="readings"' in part
    assert cast.patient.given_name not in part
    stale = client.get(chair(session) + "live/?seq=1", headers={"HX-Request": "true"})
    assert stale["HX-Refresh"] == "true", "a page that was open when it locked comes anew"


def test_the_dose_is_stopped_at_a_locked_tablet_by_whoever_stands_there(cast, later, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse")
    later(61)
    assert client.post(chair(session) + "stop/", {"id": uuid.uuid4()}).status_code == 302
    entry = Entry.objects.filter(session=session).latest("seq")
    assert (entry.kind, entry.by_name) == (
        "dosing-stop",
        "whoever stood at the tablet (locked: Nurse Invented)",
    )
    assert is_locked(client)
    assert faults(f"session:{session.id}") == []


def test_unlocked_the_ordinary_stop_is_used_with_its_own_name(cast, knowledge):
    session = dosing(cast, knowledge)
    client = tablet(cast, "nurse")
    assert client.post(chair(session) + "stop/", {"id": uuid.uuid4()})["Location"].endswith(
        "chart/dosing-stop/"
    )
    assert not Entry.objects.filter(session=session, kind="dosing-stop").exists()
