"""How many requests one address may send in an hour. The form is open to everybody, and people read every request."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR_S = 3600


def too_many(request: HttpRequest) -> bool:
    """Counts this request. The address itself is not kept, only a keyed hash of it, for an hour."""
    address = request.META.get("REMOTE_ADDR", "")
    key = f"enquiry-pace:{salted_hmac('serein.enquiry.pace', address).hexdigest()}"
    if cache.add(key, 1, HOUR_S):
        return False
    try:
        return cache.incr(key) > settings.SEREIN_ENQUIRIES_PER_HOUR
    except ValueError:  # the hour ended between the two lines
        return False
