"""Codes and PINs go the way that passwords go, so that guessing them is counted and locked out alike."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from serein_web.people import actions
from serein_web.people.middleware import actor_of
from serein_web.people.models import User


class CodeBackend(BaseBackend):
    """The code of an authenticator app, or a recovery code, of somebody whose password was right."""

    def authenticate(self, request: HttpRequest | None, username: str = "", code: str = "") -> User | None:
        user = User.objects.filter(username=username, is_active=True).first()
        return user if user and actions.check_code(by=actor_of(user), user=user, code=code) else None


class PinBackend(BaseBackend):
    """The PIN of somebody who has logged in on this shared device today."""

    def authenticate(self, request: HttpRequest | None, username: str = "", pin: str = "") -> User | None:
        user = User.objects.filter(username=username, is_active=True).first()
        return user if user and actions.check_pin(by=actor_of(user), user=user, pin=pin) else None
