"""Links that open one thing for whoever holds them: the token is told once, and only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token: SHA-256, from which it cannot be had back."""
    return hashlib.sha256(token.encode()).hexdigest()
