"""Coming in: password, passkey, code; and the lock of a shared device."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth import logout as log_out_now
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.people import actions, factors, shared
from serein_web.people.access import public
from serein_web.people.forms import CodeForm, LogInForm
from serein_web.people.middleware import actor_of
from serein_web.people.models import User

PENDING, QUESTION = "pending", "passkey-question"
PENDING_S = 5 * 60
"""So long after the password the second factor is waited for."""


def next_of(request: HttpRequest, path: str | None = None) -> str:
    """Where somebody wanted to go, if that is a page of ours; else their first page."""
    wanted = path or request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("people:home")


class _LogIn(LoginView):
    """The password is right: the second factor is asked for where there is one."""

    template_name = "people/log_in.html"
    authentication_form = LogInForm

    def form_valid(self, form):
        user = form.get_user()
        if not factors.has_second(user):
            shared.come_in(self.request, user, "password", second=False)
            return redirect(_after(self.request, self.get_success_url()))
        self.request.session[PENDING] = {
            "user": str(user.id),
            "hash": user.get_session_auth_hash(),
            "at": timezone.now().timestamp(),
            "next": self.get_success_url(),
        }
        return redirect("people:second")


log_in = public(_LogIn.as_view())


def _after(request: HttpRequest, path: str) -> str:
    """The next page; first what this person had sent while the device was locked."""
    mine = [u for u in shared.unsent(request) if u["by"] == request.actor.id]
    return reverse("people:unsent") + "?now=yes" if mine else path


def _pending(request: HttpRequest) -> tuple[User, str] | None:
    """Whose password was right a moment ago, and where they wanted to go."""
    kept = request.session.get(PENDING)
    if not kept or timezone.now().timestamp() - kept["at"] > PENDING_S:
        return None
    user = User.objects.filter(id=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["hash"]):
        return None
    return user, kept["next"]


@public
@never_cache
@sensitive_post_parameters()
def second(request: HttpRequest) -> HttpResponse:
    """The second step: the code of an app, a recovery code, or a passkey."""
    waiting = _pending(request)
    if waiting is None:
        return redirect("people:log-in")
    user, path = waiting
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # As the password's own check does it, so that wrong codes are counted with wrong passwords.
        if authenticate(request, username=user.username, code=form.cleaned_data["code"]):
            shared.come_in(request, user, "code", second=True)
            return redirect(_after(request, path))
        form.say_wrong()
    page = {"form": form, "has": factors.factors_of(user), "next": path}
    return render(request, "people/second.html", page, status=400 if form.errors else 200)


@public
@require_POST
def ask_for_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser asks the device, whoever its owner is."""
    options, request.session[QUESTION] = factors.ask_for_passkey(request)
    return JsonResponse(options)


@public
@require_POST
@sensitive_post_parameters()
def passkey(request: HttpRequest) -> HttpResponse:
    """Log in by a passkey, which is both factors in one: something held, and the device's own PIN or finger."""
    state = request.session.pop(QUESTION, None)
    shown = factors.shown_passkey(request, state, request.POST.get("credential", "")) if state else None
    used = (
        actions.use_passkey(by=actor_of(shown[0].user), passkey=shown[0], counter=shown[1]) if shown else None
    )
    if shown is None or used is None or isinstance(used, Refusal):
        messages.error(request, _("This passkey did not open anything here. Use another way to log in."))
        return redirect("people:locked" if shared.is_locked(request) else "people:log-in")
    shared.come_in(request, shown[0].user, "passkey", second=True)
    return redirect(_after(request, next_of(request)))


@public
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Log out. What still waits to be sent on this device is not lost without somebody saying so."""
    left = shared.unsent(request)
    if left and request.user.is_authenticated:
        if shared.is_locked(request) or request.POST.get("lose") != "yes":
            return redirect("people:unsent")
        actions.lose_unsent(
            by=request.actor, whose=", ".join(u["by_name"] for u in left), pages=[u["path"] for u in left]
        )
    log_out_now(request)
    return redirect("enquiry:welcome")


@public
@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """Lock a shared device, and go on looking at what a locked device shows of this page."""
    shared.lock(request)
    return redirect(next_of(request))


@public
@never_cache
@sensitive_post_parameters()
def locked(request: HttpRequest) -> HttpResponse:
    """The lock of a shared device. Whoever is there picks their name and types their PIN, and acts from then on."""
    if not shared.is_locked(request):
        return redirect(next_of(request))
    form = shared.unlock_form(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.cleaned_data["user"]
        if authenticate(request, username=user.username, pin=form.cleaned_data["pin"]):
            shared.come_in(request, user, shared.BY_PIN, second=True)
            return redirect(_after(request, next_of(request)))
        form.say_wrong()
    page = shared.lock_page(request, form) | {"next": next_of(request), "kept": request.GET.get("kept", "")}
    return render(request, "people/lock.html", page, status=400 if form.errors else 200)
