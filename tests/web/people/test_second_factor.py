"""Logging in takes two factors on a real site; losing one is survived; guessing is not."""

from __future__ import annotations

import re

import pyotp
import pytest
from django.utils import timezone

from serein_web.audit.models import Event
from serein_web.audit.verify import faults
from serein_web.people.models import Authenticator, Passkey, User
from tests.cast import PASSWORD
from tests.web.people.device import PRESENT, Device

pytestmark = pytest.mark.django_db
LOG_IN, PATIENTS = "/log-in/", "/clinic/patients/"


@pytest.fixture
def real(settings):
    """As on a real site."""
    settings.SEREIN_SECOND_FACTOR = True


def come(cast, name: str = "nurse"):
    client = cast.client()
    assert client.post(LOG_IN, {"username": name, "password": PASSWORD}).status_code == 302
    return client


def code(secret: str, ahead: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(timezone.now().timestamp()) + 30 * ahead)


def with_app(cast, name: str = "nurse"):
    """Somebody logged in who has just set up an app: client, secret, recovery codes."""
    client = come(cast, name)
    secret = client.get("/account/app/").context["secret"]
    page = client.post("/account/app/", {"code": code(secret, -1)})
    assert page.status_code == 200
    return client, secret, page.context["codes"]


def with_passkey(cast, name: str = "nurse"):
    client, device = come(cast, name), Device()
    options = client.post("/account/passkeys/ask/").json()["publicKey"]
    page = client.post("/account/passkeys/add/", {"name": "blue key", "credential": device.makes(options)})
    assert page.status_code == 200
    return client, device


def by_passkey(client, device: Device):
    options = client.post("/log-in/passkey/ask/").json()["publicKey"]
    return client.post("/log-in/passkey/", {"credential": device.signs(options)})


def is_in(client) -> bool:
    return client.get(PATIENTS).status_code == 200


# ── set up first ──


def test_staff_without_a_second_factor_reach_nothing_clinical_until_they_have_one(cast, real):
    client = come(cast)
    answer = client.get(PATIENTS)
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert client.post(PATIENTS, {"find": "Ada"}).status_code == 302
    assert "First set up a second factor." in client.get("/account/").content.decode()
    secret = client.get("/account/app/").context["secret"]
    assert client.post("/account/app/", {"code": code(secret)}).status_code == 200
    assert is_in(client)


def test_a_session_that_was_open_before_the_rule_reaches_nothing_clinical_either(cast, real):
    assert cast.client("nurse").get(PATIENTS)["Location"] == "/account/"


def test_patients_need_none_and_may_have_one(cast, real):
    client = come(cast, "patient")
    assert client.get("/home/")["Location"] == "/portal/"
    assert client.get("/portal/").status_code == 200
    _client, secret, _codes = with_app(cast, "patient")
    again = come(cast, "patient")
    assert again.get("/portal/").status_code == 302
    assert again.post("/log-in/second/", {"code": code(secret)})["Location"] == "/home/"
    assert again.get("/portal/").status_code == 200


# ── an app ──


def test_the_password_alone_opens_nothing_once_there_is_an_app(cast, real):
    _client, secret, _codes = with_app(cast)
    client = come(cast)
    assert client.get(PATIENTS)["Location"].startswith(LOG_IN)
    assert client.post("/log-in/second/", {"code": "000000"}).status_code == 400
    assert not is_in(client)
    assert client.post("/log-in/second/", {"code": code(secret)}).status_code == 302
    assert is_in(client)


def test_a_code_is_taken_once(cast):
    _client, secret, _codes = with_app(cast)
    shown = code(secret)
    assert come(cast).post("/log-in/second/", {"code": shown}).status_code == 302
    assert come(cast).post("/log-in/second/", {"code": shown}).status_code == 400


def test_the_secret_is_sealed_in_the_database_and_in_no_audit(cast):
    _client, secret, codes = with_app(cast)
    assert secret not in Authenticator.objects.get().sealed
    kept = str(list(Event.objects.values())) + str(list(Authenticator.objects.values()))
    assert [word for word in (secret, *codes) if word in kept] == []
    assert faults(f"site:{cast.site.id}") == []


def test_the_app_is_not_set_up_by_a_wrong_code(cast):
    client = come(cast)
    client.get("/account/app/")
    assert client.post("/account/app/", {"code": "12"}).status_code == 400
    assert not Authenticator.objects.exists()


def test_the_qr_code_is_inline_and_has_no_style(cast):
    shown = come(cast).get("/account/app/").context["qr"]
    assert shown.startswith("<svg")
    assert "style" not in shown


def test_the_second_step_belongs_to_a_password_of_the_last_minutes(cast, settings, monkeypatch):
    _client, secret, _codes = with_app(cast)
    client, now = come(cast), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timezone.timedelta(minutes=6))
    assert client.post("/log-in/second/", {"code": code(secret)})["Location"] == LOG_IN
    assert cast.client().get("/log-in/second/")["Location"] == LOG_IN


def test_wrong_codes_rest_the_log_in_like_wrong_passwords(cast, settings):
    _client, secret, _codes = with_app(cast)
    settings.AXES_ENABLED = True
    client = come(cast)
    wrong = [client.post("/log-in/second/", {"code": "000000"}) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert wrong[-1].status_code == 429
    assert client.post("/log-in/second/", {"code": code(secret)}).status_code == 429


# ── recovery codes ──


def test_a_recovery_code_stands_in_once(cast):
    _client, _secret, codes = with_app(cast)
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    client = come(cast)
    assert client.post("/log-in/second/", {"code": typed}).status_code == 302
    assert client.get("/account/").context["has"].codes_left == 9
    assert come(cast).post("/log-in/second/", {"code": codes[0]}).status_code == 400
    assert Event.objects.filter(action="log-in.use-recovery-code").count() == 1


def test_new_codes_end_the_old_ones_and_need_a_second_factor(cast):
    client, _secret, codes = with_app(cast)
    fresh = client.post("/account/recovery-codes/").context["codes"]
    assert not set(fresh) & set(codes)
    assert come(cast).post("/log-in/second/", {"code": codes[0]}).status_code == 400
    assert come(cast).post("/log-in/second/", {"code": fresh[0]}).status_code == 302
    assert come(cast, "front_desk").post("/account/recovery-codes/").status_code == 302


# ── passkeys ──


def test_a_passkey_logs_in_by_itself(cast, real):
    _client, device = with_passkey(cast)
    browser = cast.client()
    assert by_passkey(browser, device).status_code == 302
    assert is_in(browser)
    assert browser.get("/account/").context["user"].username == "nurse"


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://elsewhere.example"},
        {"rp": "elsewhere.example"},
        {"flags": PRESENT},
        {"counter": 0},
    ],
    ids=["another page", "another site", "nobody was asked for PIN or finger", "a copy"],
)
def test_a_passkey_that_does_not_hold_opens_nothing(cast, change):
    _client, device = with_passkey(cast)
    by_passkey(cast.client(), device)
    for name, value in change.items():
        setattr(device, name, value)
    browser = cast.client()
    assert by_passkey(browser, device)["Location"] == LOG_IN
    assert not is_in(browser)


def test_an_answer_is_taken_once_and_another_key_is_refused(cast):
    _client, device = with_passkey(cast)
    browser = cast.client()
    options = browser.post("/log-in/passkey/ask/").json()["publicKey"]
    answer = device.signs(options)
    assert browser.post("/log-in/passkey/", {"credential": answer})["Location"] == "/home/"
    assert cast.client().post("/log-in/passkey/", {"credential": answer})["Location"] == LOG_IN
    thief = Device(id=device.id)
    thief.counter = 99
    assert by_passkey(cast.client(), thief)["Location"] == LOG_IN


@pytest.mark.parametrize("sent", ["", "{}", "[]", "null", '{"rawId": 7}', '{"rawId": "x"}', "\0"])
def test_broken_answers_are_refused_without_a_fault(cast, sent):
    browser = cast.client()
    browser.post("/log-in/passkey/ask/")
    assert browser.post("/log-in/passkey/", {"credential": sent})["Location"] == LOG_IN
    client = come(cast)
    client.post("/account/passkeys/ask/")
    assert client.post("/account/passkeys/add/", {"name": "x", "credential": sent}).status_code == 400
    assert not Passkey.objects.exists()


def test_asking_for_a_passkey_tells_nobody_who_has_one(cast):
    with_passkey(cast)
    asked = cast.client().post("/log-in/passkey/ask/").json()["publicKey"]
    assert not asked.get("allowCredentials")


def test_whoever_was_ended_does_not_come_in_by_passkey(cast):
    _client, device = with_passkey(cast)
    url = f"/clinic/sites/{cast.site.id}/staff/{cast.users['nurse'].id}/"
    cast.client("administrator").post(url, {"do": "end"})
    assert by_passkey(cast.client(), device)["Location"] == LOG_IN


# ── the account ──


def test_the_last_factor_of_staff_of_a_real_site_stays(cast, real):
    client, device = with_passkey(cast)
    remove = f"/account/passkeys/{Passkey.objects.get().id}/remove/"
    client.post(remove)
    assert Passkey.objects.count() == 1
    assert "Add another one first" in client.get("/account/").content.decode()
    secret = client.get("/account/app/").context["secret"]
    client.post("/account/app/", {"code": code(secret)})
    client.post(remove)
    assert not Passkey.objects.exists()
    assert by_passkey(cast.client(), device)["Location"] == LOG_IN
    client.post("/account/app/remove/")
    assert Authenticator.objects.count() == 1


def test_removing_a_factor_ends_the_other_sessions_and_not_this_one(cast):
    client, device = with_passkey(cast)
    other = cast.client()
    by_passkey(other, device)
    assert is_in(other)
    client.post(f"/account/passkeys/{Passkey.objects.get().id}/remove/")
    assert is_in(client)
    assert not is_in(other)


def test_nobody_removes_the_passkey_of_somebody_else(cast):
    with_passkey(cast)
    other = come(cast, "prescriber")
    assert other.post(f"/account/passkeys/{Passkey.objects.get().id}/remove/").status_code == 404
    assert Passkey.objects.count() == 1


def test_how_one_logs_in_is_changed_after_a_log_in_of_just_now_only(cast, monkeypatch):
    client, now = come(cast), timezone.now
    assert client.get("/account/app/").status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: now() + timezone.timedelta(minutes=16))
    for page in ("app", "passkeys/add", "password", "pin"):
        assert client.get(f"/account/{page}/")["Location"] == f"{LOG_IN}?next=/account/{page}/"
    assert client.post("/account/passkeys/ask/").status_code == 302


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(cast):
    client, other = come(cast), come(cast)
    new = {"new_password1": "another long invented one", "new_password2": "another long invented one"}
    assert client.post("/account/password/", {"old_password": "wrong"} | new).status_code == 400
    assert client.post("/account/password/", {"old_password": PASSWORD} | new).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_logging_out_on_every_device_ends_them_all(cast):
    client, other = come(cast), come(cast)
    client.post("/account/everywhere/")
    assert not is_in(client)
    assert not is_in(other)


# ── the way back in ──


def test_a_new_invitation_takes_away_password_and_second_factors_is_audited_and_told(cast, real):
    client, device = with_passkey(cast)
    nurse = cast.users["nurse"]
    url = f"/clinic/sites/{cast.site.id}/staff/{nurse.id}/"
    administrator, _secret, _codes = with_app(cast, "administrator")
    path = administrator.post(url, {"do": "invite"}).context["made"].path
    browser = cast.client()
    assert "Your passkeys, authenticator app" in browser.get(path).content.decode()
    new = {"new_password1": "a long invented one", "new_password2": "a long invented one"}
    assert browser.post(path, new).status_code == 302
    assert not is_in(client), "a session of before is over"
    assert by_passkey(cast.client(), device)["Location"] == LOG_IN
    assert browser.get(PATIENTS)["Location"] == "/account/", "a new second factor comes first"
    assert "were taken away with the old password" in browser.get("/account/").content.decode()
    kept = Event.objects.get(action="staff.accept-invitation")
    assert kept.by_name == "Nurse Invented"
    assert faults(f"site:{cast.site.id}") == []
    assert User.objects.get(id=nurse.id).check_password("a long invented one")


def test_no_page_of_the_log_in_tells_whether_somebody_exists(cast):
    with_app(cast)
    client = cast.client()
    said = [
        re.sub(r'value="[^"]*"|data-now="[^"]*"', "", page.content.decode())
        for page in (
            client.post(LOG_IN, {"username": name, "password": "wrong"}) for name in ("nurse", "nobody")
        )
    ]
    assert said[0] == said[1]
