"""Second factors: what somebody has, and whether what they show is right. Nothing here writes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyotp
from django.conf import settings
from django.http import HttpRequest

from serein_web.people.models import Authenticator, Passkey, Pin, RecoveryCode, StaffRole, User

STEP_S = 30  # RFC 6238
DRIFT_STEPS = 1  # a telephone's clock may be half a minute off
CODES = 10
CODE_BYTES = 10  # 80 bits: sixteen letters and digits, never guessed
WRONG_PINS = 5
SHORTEST_PIN = 6


@dataclass(frozen=True)
class Factors:
    """What a log-in has beside its password."""

    passkeys: tuple[Passkey, ...]
    authenticator: Authenticator | None
    codes_left: int
    pin: Pin | None

    @property
    def seconds(self) -> int:
        """How many second factors there are; recovery codes are none."""
        return len(self.passkeys) + (self.authenticator is not None)


def factors_of(user: User) -> Factors:
    return Factors(
        tuple(Passkey.objects.filter(user=user).order_by("created_at")),
        Authenticator.objects.filter(user=user).first(),
        RecoveryCode.objects.filter(user=user, used_at=None).count(),
        Pin.objects.filter(user=user).first(),
    )


def has_second(user: User) -> bool:
    return Passkey.objects.filter(user=user).exists() or Authenticator.objects.filter(user=user).exists()


def needs_second(user: User) -> bool:
    """Staff of a real site need one; patients may have one."""
    return settings.SEREIN_SECOND_FACTOR and StaffRole.objects.filter(user=user).exists()


# ── an authenticator app ──


def new_secret() -> str:
    return pyotp.random_base32()


def otpauth(user: User, secret: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Serein")


def qr(text: str) -> str:
    """A QR code as inline SVG, black on white also where the page is dark."""
    import segno

    return segno.make(text, error="m").svg_inline(scale=5, light="#fff", svgclass="qr", lineclass=None)


def step_of(secret: str, code: str, now_s: float, after: int = 0) -> int | None:
    """The time step whose code this is, later than `after`; None if it is none of now."""
    typed, totp = "".join(code.split()), pyotp.TOTP(secret)
    here = int(now_s) // STEP_S
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def seal(secret: str) -> str:
    """A secret as the database may hold it: a copy of the database alone opens nothing."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The secret; None where the site's key is another one than then."""
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> Any:
    from cryptography.fernet import Fernet

    key = hmac.digest(settings.SECRET_KEY.encode(), b"serein second factors", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


# ── recovery codes ──


def new_codes() -> list[str]:
    made = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in made]


def digest_of_code(code: str) -> str:
    return hashlib.sha256("".join(c for c in code.lower() if c.isalnum()).encode()).hexdigest()


# ── a PIN ──


def is_too_easy(pin: str) -> bool:
    """One digit again and again, or digits that count up or down."""
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


# ── passkeys ──


def _server(request: HttpRequest) -> Any:
    """The other side of WebAuthn: this host, over the very origin that the page came from."""
    from fido2.server import Fido2Server

    origin = f"{request.scheme}://{request.get_host()}"
    host = request.get_host().rsplit(":", 1)[0] if ":" in request.get_host() else request.get_host()
    return Fido2Server({"id": host, "name": "Serein"}, verify_origin=lambda said: said == origin)


def ask_for_new_passkey(request: HttpRequest, user: User) -> tuple[dict[str, Any], Any]:
    """What the browser is asked in order to make a passkey, and what to remember until it answers."""
    from fido2.webauthn import AttestedCredentialData

    held = [AttestedCredentialData(bytes(p.credential)) for p in Passkey.objects.filter(user=user)]
    options, state = _server(request).register_begin(
        {"id": user.id.bytes, "name": user.username, "displayName": user.name},
        credentials=held,
        resident_key_requirement="required",
        user_verification="required",
    )
    return dict(options), state


def ask_for_passkey(request: HttpRequest) -> tuple[dict[str, Any], Any]:
    """What the browser is asked in order to show any passkey of this site: nobody's name is told first."""
    options, state = _server(request).authenticate_begin(user_verification="required")
    return dict(options), state


@dataclass(frozen=True)
class MadePasskey:
    credential_id: str
    credential: bytes
    counter: int


def made_passkey(request: HttpRequest, state: Any, answer: str) -> MadePasskey | None:
    """The passkey that the browser made; None where the answer does not hold."""
    from fido2.utils import websafe_encode

    try:
        data = _server(request).register_complete(state, json.loads(answer))
    except Exception:  # what a browser sends may be broken in every way; it is refused, never a fault of ours
        return None
    found = data.credential_data
    return MadePasskey(websafe_encode(found.credential_id), bytes(found), data.counter)


def shown_passkey(request: HttpRequest, state: Any, answer: str) -> tuple[Passkey, int] | None:
    """The passkey that signed our question, and its counter; None where the answer does not hold."""
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

    try:
        given = json.loads(answer)
        passkey = Passkey.objects.select_related("user").get(
            credential_id=given["rawId"], user__is_active=True
        )
        credential = AttestedCredentialData(bytes(passkey.credential))
        _server(request).authenticate_complete(state, [credential], given)
        counter = AuthenticationResponse.from_dict(given).response.authenticator_data.counter
    except Exception:  # as above
        return None
    return passkey, counter
