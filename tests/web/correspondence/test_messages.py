"""Messages: proved before they are used, carried by a real server of the tests, followed, and never silent when lost."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from serein_web.audit.verify import faults
from serein_web.correspondence import actions, jobs
from serein_web.correspondence.models import Channel, Message, Way
from serein_web.correspondence.words import REGISTERS, languages, templates, write
from serein_web.people.models import Patient
from serein_web.schedule.actions import book
from serein_web.settings.file import SiteSettings
from serein_web.tasks.models import Task

pytestmark = pytest.mark.django_db
CLINICAL = (
    "ketamine",
    "dose",
    "infusion",
    "anxiety",
    "depress",
    "suicid",
    "phq",
    "gad",
    "score",
    "session",
    "treatment",
)


class Mailbox:
    """A mail server that keeps what it is given, or refuses."""

    def __init__(self) -> None:
        self.mails: list = []
        self.refusing: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusing:
            return self.refusing
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.SEREIN_DEMO = False
    settings.SITE = SiteSettings(
        smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", smtp_from="clinic@example.org"
    )  # fmt: skip
    yield box
    server.stop()


@pytest.fixture
def patient(cast) -> Patient:
    Patient.objects.filter(id=cast.patient.id).update(email="ada@example.org", telephone="+15550100")
    return Patient.objects.get(id=cast.patient.id)


@pytest.fixture
def open_mail(cast):
    for way in Way.values:
        Channel.objects.create(site=cast.site, way=way, proved_at=timezone.now())


def send(cast, patient, *, key="k", safety=False, way="email", template="call-us"):
    return actions.queue(
        by=cast.actor("nurse"),
        site=cast.site,
        patient=patient,
        template=template,
        way=way,
        key=key,
        values={"name": patient.given_name},
        safety=safety,
    )


def test_nothing_is_sent_by_a_way_that_has_not_proved_itself(cast, patient, mailbox):
    assert hasattr(send(cast, patient), "reason")
    assert not Message.objects.exists()


def test_a_way_opens_when_the_code_of_its_test_has_come_back(cast, patient, mailbox):
    type(cast.users["administrator"]).objects.filter(username="administrator").update(
        email="admin@example.org"
    )
    cast.users["administrator"].refresh_from_db()
    client, url = cast.client("administrator"), f"/clinic/sites/{cast.site.id}/messages/"
    assert client.post(url, {"way": "email", "do": "test"}).status_code == 302
    assert jobs.carry(timezone.now()) == 1
    [(to, text)] = mailbox.mails
    assert to == ["admin@example.org"]
    code = Channel.objects.get().code
    assert code in text
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert client.post(url, {"way": "email", "do": "prove", "code": wrong}).status_code == 400
    assert hasattr(send(cast, patient), "reason")
    assert client.post(url, {"way": "email", "do": "prove", "code": code}).status_code == 302
    assert isinstance(send(cast, patient), Message)


def test_a_message_is_handed_over_once_and_says_nothing_clinical(cast, patient, mailbox, open_mail):
    for _ in range(2):
        send(cast, patient)
    jobs.carry(timezone.now())
    jobs.carry(timezone.now())
    [(to, text)] = mailbox.mails
    assert to == ["ada@example.org"]
    assert [word for word in CLINICAL if word in text.lower()] == []
    assert Message.objects.get().state == "sent"
    assert faults() == []


def test_a_refused_address_becomes_a_task_to_call_and_a_lost_safety_message_a_safety_task(
    cast, patient, mailbox, open_mail
):
    mailbox.refusing = "550 no such user"
    send(cast, patient, key="a")
    send(cast, patient, key="b", safety=True)
    jobs.carry(timezone.now())
    assert set(Message.objects.values_list("state", flat=True)) == {"failed"}
    assert sorted(Task.objects.values_list("kind", "role")) == [("call", "front_desk"), ("safety", "nurse")]


def test_a_busy_server_is_tried_again_with_longer_pauses_and_then_given_up(cast, patient, mailbox, open_mail):
    mailbox.refusing = "451 try later"
    send(cast, patient)
    now, tries = timezone.now(), 0
    for _ in range(200):
        tries += jobs.carry(now)
        now += dt.timedelta(minutes=1)
    assert (tries, Message.objects.get().state) == (actions.TRIES, "failed")
    mailbox.refusing = None
    assert jobs.carry(now) == 0


def test_a_server_that_is_not_there_loses_nothing(cast, patient, mailbox, open_mail, settings):
    settings.SITE = SiteSettings(
        smtp_host="127.0.0.1", smtp_port=1, smtp_security="none", smtp_from="c@example.org"
    )
    send(cast, patient)
    jobs.carry(timezone.now())
    row = Message.objects.get()
    assert (row.state, row.attempts) == ("queued", 1)
    assert "ada@example.org" not in row.why


@pytest.fixture
def gateway(settings):
    """A text gateway that keeps what it is given, under ids, and says how far it came."""
    kept = SimpleNamespace(texts=[], state="sent", tokens=[], status=200)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.texts.append(body)
            kept.tokens.append(self.headers["Authorization"])
            self.say({"id": f"m{len(kept.texts)}"})

        def do_GET(self):
            self.say({"state": kept.state})

        def say(self, body):
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *words):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SEREIN_DEMO = False
    settings.SITE = SiteSettings(text_gateway_url=f"http://127.0.0.1:{server.server_port}/send")
    yield kept
    server.shutdown()
    server.server_close()


def test_a_text_is_followed_until_it_arrives(cast, patient, gateway, open_mail):
    send(cast, patient, way="text")
    jobs.carry(timezone.now())
    assert gateway.texts[0]["to"] == "+15550100"
    assert jobs.follow(timezone.now()) == 0
    gateway.state = "delivered"
    assert jobs.follow(timezone.now()) == 1
    assert Message.objects.get().state == "delivered"
    assert jobs.follow(timezone.now()) == 0


def test_a_text_that_the_gateway_could_not_deliver_becomes_a_task(cast, patient, gateway, open_mail):
    send(cast, patient, way="text", safety=True)
    jobs.carry(timezone.now())
    gateway.state = "failed"
    jobs.follow(timezone.now())
    assert Message.objects.get().state == "failed"
    assert Task.objects.get().kind == "safety"


@pytest.mark.parametrize(("status", "state"), [(503, "queued"), (429, "queued"), (400, "failed")])
def test_a_gateway_that_refuses_is_asked_again_only_if_it_may_take_it_later(
    cast, patient, gateway, open_mail, status, state
):
    gateway.status = status
    send(cast, patient, way="text")
    jobs.carry(timezone.now())
    assert Message.objects.get().state == state


def test_without_an_address_nothing_is_queued(cast, open_mail):
    assert hasattr(send(cast, cast.patient), "reason")


def test_a_link_is_not_kept_once_it_was_sent(cast, patient, mailbox, open_mail):
    values = {"name": "Ada", "link": "https://example.org/secret"}
    actions.queue(
        by=cast.actor("nurse"), site=cast.site, patient=patient, template="questions", key="q", values=values
    )
    jobs.carry(timezone.now())
    assert "secret" in mailbox.mails[0][1]
    assert "secret" not in json.dumps(Message.objects.get().values)


def test_an_appointment_is_recalled_once_to_whoever_may_be_written_to(cast, patient, mailbox, open_mail):
    now = timezone.now()
    for hours in (1, 30, 70):
        book(
            by=cast.actor("nurse"),
            patient=patient,
            kind="session",
            starts_at=now + dt.timedelta(hours=hours),
            minutes=60,
        )
    assert jobs.remind(now) == 0
    Patient.objects.filter(id=patient.id).update(contact_by="email", register="formal")
    assert jobs.remind(now) == 1
    assert jobs.remind(now) == 0
    jobs.carry(timezone.now())
    assert "Dear Ada, you have an appointment" in mailbox.mails[0][1]


def test_an_invitation_is_sent_to_the_person_whom_it_is_for(cast, mailbox, open_mail):
    client, staff = cast.client("administrator"), f"/clinic/sites/{cast.site.id}/staff/"
    made = client.post(staff, {"full_name": "Nia New", "email": "nia@example.org", "roles": ["nurse"]})
    url, token = f"/clinic/sites/{cast.site.id}/messages/invitation/", made.context["made"].token
    assert client.post(url, {"token": "another"}).status_code == 404
    assert client.post(url, {"token": token}).status_code == 302
    jobs.carry(timezone.now())
    [(to, text)] = mailbox.mails
    assert to == ["nia@example.org"]
    assert token in text.replace("=\r\n", "").replace("=\n", "")


@pytest.mark.parametrize("language", languages())
def test_every_message_in_every_register_is_short_and_says_nothing_clinical(language):
    for key, template in templates(language).items():
        for register in REGISTERS:
            values = dict.fromkeys((*template.needs, "site", "telephone"), "x")
            words = write(key, register, language, values)
            assert len(words.text) <= 300, key
            assert [word for word in CLINICAL if word in (words.text + words.subject).lower()] == [], key
