"""What carries messages: the console of a demo, a mail server, an HTTP gateway for texts.

A carrier takes one message and gives the id under which it can be asked for, or says why not and whether to try again.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, Protocol

from django.conf import settings

from serein_web.correspondence.models import Way
from serein_web.correspondence.words import Words

PATIENCE_S = 20.0
Carried = Literal["sent", "delivered", "failed"]


@dataclass(frozen=True)
class NotCarried(Exception):
    """Why a message was not taken. `again`: it may go through later."""

    why: str
    again: bool = True


class Carrier(Protocol):
    """One way of carrying."""

    def carry(self, to: str, words: Words) -> str:
        """Hand one message over; the carrier's id, empty if it has none. Raises `NotCarried`."""

    def ask(self, carrier_id: str) -> Carried:
        """How far a message came; "sent" if the carrier cannot say."""


class Console:
    """For a demo: what would be sent stands in the terminal."""

    def carry(self, to: str, words: Words) -> str:
        sys.stderr.write(f"\n--- message to {to}\n{words.subject}\n{words.text}\n---\n")
        return ""

    def ask(self, carrier_id: str) -> Carried:
        return "sent"


@dataclass(frozen=True)
class Smtp:
    """A mail server. `security`: "starttls", "tls", or "none" (a server on this very machine)."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "starttls"

    def carry(self, to: str, words: Words) -> str:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, words.subject
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.text)
        try:
            with self._server() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()), (0, b""))[0]
            raise NotCarried(f"the address was refused ({code})", again=400 <= code < 500) from None
        except (OSError, smtplib.SMTPException) as wrong:
            raise NotCarried(f"mail server: {type(wrong).__name__}") from None
        return ""

    def _server(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE_S, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE_S)
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server

    def ask(self, carrier_id: str) -> Carried:
        return "sent"


@dataclass(frozen=True)
class Gateway:
    """A gateway for texts over HTTP: POST {"to", "text"} gives {"id"}; GET url/id gives {"state"}."""

    url: str
    token: str

    def carry(self, to: str, words: Words) -> str:
        answer = self._call("", {"to": to, "text": words.text})
        return str(answer.get("id", ""))[:120]

    def ask(self, carrier_id: str) -> Carried:
        if not carrier_id:
            return "sent"
        state = self._call(f"/{carrier_id}", None).get("state")
        return state if state in ("delivered", "failed") else "sent"

    def _call(self, path: str, body: dict[str, str] | None) -> dict:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url.rstrip("/") + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                found = json.loads(answer.read(100_000) or b"{}")
        except urllib.error.HTTPError as wrong:
            raise NotCarried(
                f"gateway answered {wrong.code}", again=wrong.code >= 500 or wrong.code == 429
            ) from None
        except (OSError, ValueError) as wrong:
            raise NotCarried(f"gateway: {type(wrong).__name__}") from None
        return found if isinstance(found, dict) else {}


def carrier(way: str) -> Carrier | None:
    """The carrier of this site's settings; None where none is set up."""
    if settings.SEREIN_DEMO:
        return Console()
    site = getattr(settings, "SITE", None)
    if site is None:
        return None
    if way == Way.EMAIL and site.smtp_host:
        password = _secret(site.smtp_password_file)
        return Smtp(
            site.smtp_host, site.smtp_port, site.smtp_from, site.smtp_user, password, site.smtp_security
        )
    if way == Way.TEXT and site.text_gateway_url:
        return Gateway(site.text_gateway_url, _secret(site.text_gateway_token_file))
    return None


def _secret(file: str) -> str:
    return Path(file).read_text(encoding="utf-8").strip() if file else ""
