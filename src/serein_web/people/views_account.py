"""One's own log-in: second factors, password, PIN, and sharing a device."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.people import actions, factors, shared
from serein_web.people.access import SECOND, View, found, person
from serein_web.people.forms import AppCodeForm, ChangePasswordForm, PasskeyForm, PinForm
from serein_web.people.models import Passkey
from serein_web.ui.refusals import say

QUESTION, SECRET = "new-passkey-question", "new-app-secret"


def fresh(view: View) -> View:
    """A page that changes how somebody logs in: they have logged in fully just now, else they do so first."""

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not shared.is_fresh(request):
            back = request.get_full_path() if request.method == "GET" else "/account/"
            return redirect_to_login(back)
        return view(request, *args, **kwargs)

    return gated


@person
def account(request: HttpRequest) -> HttpResponse:
    """What there is to log in with, and what can be done about it."""
    page = {
        "has": factors.factors_of(request.user),
        "needs": not shared.is_whole(request),
        "shared": bool(request.session.get(shared.SHARED)),
        "by_pin": request.session.get(SECOND) == shared.BY_PIN,
    }
    return render(request, "people/account.html", page)


@person
@require_POST
@fresh
def ask_for_new_passkey(request: HttpRequest) -> HttpResponse:
    options, request.session[QUESTION] = factors.ask_for_new_passkey(request, request.user)
    return JsonResponse(options)


@person
@fresh
def add_passkey(request: HttpRequest) -> HttpResponse:
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        state = request.session.pop(QUESTION, None)
        made = factors.made_passkey(request, state, form.cleaned_data["credential"]) if state else None
        if made is None:
            form.add_error(None, _("This device made no passkey. Try again, or set up an authenticator app."))
        else:
            kept = actions.add_passkey(
                by=request.actor, user=request.user, name=form.cleaned_data["name"], made=made
            )
            if not isinstance(kept, Refusal):
                return _added(request, "passkey")
            form.refuse(kept)
    return render(request, "people/passkey.html", {"form": form}, status=400 if form.errors else 200)


@person
@never_cache
@fresh
@sensitive_post_parameters()
def authenticator(request: HttpRequest) -> HttpResponse:
    """An authenticator app reads the QR code; its first code shows that it has."""
    secret = request.session.setdefault(SECRET, factors.new_secret())
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.add_authenticator(
            by=request.actor, user=request.user, secret=secret, code=form.cleaned_data["code"]
        )
        if not isinstance(kept, Refusal):
            del request.session[SECRET]
            return _added(request, "app")
        form.say_wrong()
    page = {"form": form, "secret": secret, "qr": factors.qr(factors.otpauth(request.user, secret))}
    return render(request, "people/authenticator.html", page, status=400 if form.errors else 200)


def _added(request: HttpRequest, how: str) -> HttpResponse:
    """The first second factor comes with recovery codes."""
    request.session[SECOND] = how
    if factors.factors_of(request.user).codes_left:
        return redirect("people:account")
    return _codes(request)


def _codes(request: HttpRequest) -> HttpResponse:
    codes = actions.make_recovery_codes(by=request.actor, user=request.user)
    if isinstance(codes, Refusal):
        messages.error(request, str(say(codes)))
        return redirect("people:account")
    return render(request, "people/recovery_codes.html", {"codes": codes})


@person
@require_POST
@fresh
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New codes, shown once."""
    return _codes(request)


@person
@require_POST
@fresh
def remove_passkey(request: HttpRequest, passkey_id) -> HttpResponse:
    row = found(Passkey.objects.filter(user=request.user), id=passkey_id)
    return _removed(request, actions.remove_passkey(by=request.actor, user=request.user, passkey=row))


@person
@require_POST
@fresh
def remove_authenticator(request: HttpRequest) -> HttpResponse:
    return _removed(request, actions.remove_authenticator(by=request.actor, user=request.user))


def _removed(request: HttpRequest, result: Any) -> HttpResponse:
    if isinstance(result, Refusal):
        messages.error(request, str(say(result)))
    else:
        shared.stay(request, request.user)
        messages.success(request, _("Removed. Other devices that were logged in are logged out."))
    return redirect("people:account")


@person
@fresh
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_password(
            by=request.actor, user=request.user, password=form.cleaned_data["new_password1"]
        )
        shared.stay(request, request.user)
        messages.success(request, _("The new password holds from now on. Other devices are logged out."))
        return redirect("people:account")
    return render(request, "people/password.html", {"form": form}, status=400 if form.errors else 200)


@person
@fresh
@sensitive_post_parameters()
def set_pin(request: HttpRequest) -> HttpResponse:
    if not request.actor.is_staff:
        raise PermissionDenied
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.set_pin(by=request.actor, user=request.user, pin=form.cleaned_data["pin"])
        if not isinstance(kept, Refusal):
            messages.success(request, _("Your PIN is set."))
            return redirect("people:account")
        form.refuse(kept)
    return render(request, "people/pin.html", {"form": form}, status=400 if form.errors else 200)


@person
@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Log out on every device, this one too."""
    if shared.unsent(request):
        return redirect("people:unsent")
    actions.log_out_everywhere(by=request.actor, user=request.user)
    request.session.flush()
    return redirect("people:log-in")


@person
@require_POST
@fresh
def shared_device(request: HttpRequest) -> HttpResponse:
    """Say that several people use this device, or that it is one's own again."""
    if not request.actor.is_staff:
        raise PermissionDenied
    if not shared.is_whole(request):
        return redirect("people:account")
    if request.POST.get("shared") == "yes":
        shared.share(request, request.user)
    else:
        shared.stop_sharing(request)
    return redirect("people:account")


@person
@require_POST
def awake(request: HttpRequest) -> HttpResponse:
    """Somebody has touched a page of a shared device; the middleware notes it."""
    return HttpResponse(status=204)


@person
def unsent_forms(request: HttpRequest) -> HttpResponse:
    """What came while the device was locked: one's own is sent from here, or dropped; others' waits for them."""
    if request.method == "POST":
        shared.drop_unsent(request, request.POST.get("drop", ""))
        return redirect("people:unsent")
    waiting = [u | {"when": dt.datetime.fromisoformat(u["at"])} for u in shared.unsent(request)]
    mine = [u for u in waiting if u["by"] == request.actor.id]
    page = {
        "mine": mine,
        "others": [u for u in waiting if u["by"] != request.actor.id],
        "at_once": len(mine) == 1 and request.GET.get("now") == "yes",
    }
    return render(request, "people/unsent.html", page)
