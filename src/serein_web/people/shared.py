"""A device that several people use: it locks, and whoever unlocks it is the one who acts from then on.

All of this is kept in the browser session: who has logged in fully on the device today, when it was last touched,
whether it is locked, and what was sent while it was.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login as log_in_now
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from serein_web.people import actions
from serein_web.people.access import LINK, PERSON, PUBLIC, SECOND, Actor
from serein_web.people.factors import needs_second
from serein_web.people.forms import UnlockForm
from serein_web.people.middleware import LONGEST_NAME, actor_of
from serein_web.people.models import User

SHARED, UNSENT, CAME_IN = "shared", "unsent", "came-in"
BY_PIN = "pin"
FRESH_S = 15 * 60
"""So long after a full log-in somebody may change how they log in."""
TOUCH_S = 2
"""A session is not written anew for every request of the same moment."""
MOST_UNSENT = 20
NOT_KEPT = {"csrfmiddlewaretoken", "unsent"}


def come_in(request: HttpRequest, user: User, how: str, *, second: bool) -> None:
    """Log somebody in on this browser: a new session and a new CSRF token. A shared device stays one."""
    device, unsent = request.session.get(SHARED), request.session.get(UNSENT)
    request.session.flush()
    log_in_now(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.actor = actor_of(user)  # type: ignore[attr-defined]
    now = timezone.now().timestamp()
    if second:
        request.session[SECOND] = how
    if how != BY_PIN:
        request.session[CAME_IN] = now
        actions.came_in(by=request.actor, user=user, how=how)  # type: ignore[attr-defined]
    if unsent:
        request.session[UNSENT] = unsent
    if device and request.actor.is_staff:  # type: ignore[attr-defined]
        device |= {"seen": now, "locked": False}
        if how != BY_PIN and is_whole(request):
            device["people"] = device["people"] | {str(user.id): _here(user)}
        request.session[SHARED] = device
    request.locked = False  # type: ignore[attr-defined]


def _here(user: User) -> list[str]:
    """That somebody has logged in fully here, and on which day; a reset or the end of their access undoes it."""
    return [timezone.localdate().isoformat(), user.get_session_auth_hash()]


def is_whole(request: HttpRequest) -> bool:
    """Whether somebody has come in with all that they need here; a PIN afterwards never stands in for the rest."""
    return bool(request.session.get(SECOND)) or not needs_second(request.user)


def is_fresh(request: HttpRequest) -> bool:
    """Whether somebody has logged in fully just now, so that this may change how they log in."""
    return timezone.now().timestamp() - request.session.get(CAME_IN, 0) < FRESH_S


def stay(request: HttpRequest, user: User) -> None:
    """This session goes on although the user's sessions have just been ended everywhere."""
    update_session_auth_hash(request, user)
    device = request.session.get(SHARED)
    if device:
        device["people"] = device["people"] | {str(user.id): _here(user)}
        request.session[SHARED] = device


def share(request: HttpRequest, user: User) -> None:
    """From now on this browser is of a device that several people use."""
    now = timezone.now().timestamp()
    request.session[SHARED] = {"people": {str(user.id): _here(user)}, "seen": now, "locked": False}


def stop_sharing(request: HttpRequest) -> None:
    request.session.pop(SHARED, None)


def lock(request: HttpRequest) -> None:
    if request.session.get(SHARED):
        request.session[SHARED]["locked"] = True
        request.session.modified = True


def is_locked(request: HttpRequest) -> bool:
    device = request.session.get(SHARED)
    if not device:
        return False
    return device["locked"] or timezone.now().timestamp() - device["seen"] > settings.SEREIN_LOCK_AFTER_S


def people_here(request: HttpRequest) -> list[User]:
    """Who may unlock this device by PIN: whoever logged in fully here today, and whose log-in is as it was then."""
    today = timezone.localdate().isoformat()
    kept = {k: v for k, v in request.session.get(SHARED, {}).get("people", {}).items() if v[0] == today}
    users = User.objects.filter(id__in=kept, is_active=True).order_by("first_name", "last_name")
    return [u for u in users if constant_time_compare(u.get_session_auth_hash(), kept[str(u.id)][1])]


def whoever_stood_here(actor: Actor) -> Actor:
    """Who acts at a locked device: nobody knows. What the lock was of is said with it."""
    name = f"whoever stood at the tablet (locked: {actor.name})"
    return Actor(id="locked-device", name=name[:LONGEST_NAME], roles=actor.roles)


def unlock_form(request: HttpRequest, data: Any = None) -> UnlockForm:
    return UnlockForm(data, people=people_here(request))


def lock_page(request: HttpRequest, form: UnlockForm) -> dict[str, Any]:
    """What a page with a lock on it shows: who may unlock it, and whose forms wait."""
    waiting = [u["by_name"] for u in unsent(request)]
    return {"form": form, "someone": form.fields["user"].queryset.exists(), "waiting": waiting}


# ── what was sent while the device was locked ──


def unsent(request: HttpRequest) -> list[dict[str, Any]]:
    return request.session.get(UNSENT, [])


def keep_unsent(request: HttpRequest, charts: bool) -> bool:
    """Keep a form that came while the device was locked, for the person who had filled it in.

    What it charts happened when it was sent, not when it gets through. A file is not kept: False.
    """
    if request.FILES or len(unsent(request)) >= MOST_UNSENT:
        return False
    fields = {k: v for k, v in request.POST.lists() if k not in NOT_KEPT}
    now = timezone.now()
    if charts and not any(fields.get("at", [])):
        fields["at"] = [now.isoformat()]
    one = {"id": str(uuid.uuid4()), "path": request.get_full_path(), "fields": fields, "at": now.isoformat()}
    one |= {"by": request.actor.id, "by_name": request.actor.name}  # type: ignore[attr-defined]
    request.session[UNSENT] = [*unsent(request), one]
    return True


def drop_unsent(request: HttpRequest, key: str) -> None:
    """Forget one form that waited: it has been sent by its owner, or they do not want it."""
    actor_id = request.actor.id  # type: ignore[attr-defined]
    left = [u for u in unsent(request) if not (u["id"] == key and u["by"] == actor_id)]
    request.session[UNSENT] = left
    if not left:
        del request.session[UNSENT]


class SharedDeviceMiddleware:
    """Locks a shared device that nobody has touched for a while, whatever the page itself does.

    A locked device opens what anybody may see, and what says so of itself; a form is kept for who sent it.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.locked = False  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.session.get(SHARED):
            response.headers["Cache-Control"] = "no-store"  # the way back shows nothing that was open
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.session.get(SHARED):
            return None
        if is_locked(request):
            return _locked(request, view)
        request.lock_after_s = settings.SEREIN_LOCK_AFTER_S  # type: ignore[attr-defined]
        device, now = request.session[SHARED], timezone.now().timestamp()
        # What a page asks by itself every few seconds is no touch.
        if "HX-Request" not in request.headers and now - device["seen"] > TOUCH_S:
            device["seen"] = now
            request.session.modified = True
        if request.method == "POST" and "unsent" in request.POST:
            drop_unsent(request, request.POST["unsent"])
        return None


def _locked(request: HttpRequest, view: Any) -> HttpResponse | None:
    request.locked = True  # type: ignore[attr-defined]
    permission = getattr(view, "permission", PUBLIC)
    if permission in {PUBLIC, LINK} or getattr(view, "while_locked", False):
        return None
    given = {"next": request.get_full_path()}
    if request.method == "POST":
        kept = permission != PERSON and keep_unsent(request, getattr(view, "charts", False))
        given = {"kept": "yes" if kept else "no"}
    return redirect(f"{reverse('people:locked')}?{urlencode(given)}")
