"""Logging in, and the patients of a site."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login as log_in_now
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from serein.errors import Refusal
from serein_web.people import actions
from serein_web.people.access import by_link, clinic, found, public, visible
from serein_web.people.forms import (
    IdentifierForm,
    InviteForm,
    LogInForm,
    NewPasswordForm,
    RegisterForm,
    RolesForm,
)
from serein_web.people.middleware import actor_of
from serein_web.people.models import Invitation, Patient, Site, StaffRole, User
from serein_web.ui.refusals import say

PAGE = 50

log_in = public(LoginView.as_view(template_name="people/log_in.html", authentication_form=LogInForm))
log_out = public(LogoutView.as_view())


@by_link
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody opens their own log-in: they set its password, and are logged in."""
    row = Invitation.objects.select_related("user", "site").filter(digest=actions.digest_of(token)).first()
    if row is None or not row.is_open(timezone.now()):
        return render(request, "people/invitation_gone.html", status=410)
    form = NewPasswordForm(row.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.accept_invitation(
            by=actor_of(row.user), token=token, password=form.cleaned_data["new_password1"]
        )
        if isinstance(user, Refusal):
            return render(request, "people/invitation_gone.html", status=410)
        log_in_now(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("people:home")
    page = {"form": form, "invited": row.user, "site": row.site}
    return render(request, "people/invitation.html", page, status=400 if form.errors else 200)


@public
def home(request: HttpRequest) -> HttpResponse:
    """Where somebody belongs who has just logged in."""
    if request.actor.is_staff:
        return redirect("schedule:today" if request.actor.may_anywhere("today.read") else "people:account")
    if request.actor.patient:
        return redirect("chart:portal")
    return redirect("people:account") if request.user.is_authenticated else redirect("enquiry:welcome")


@public
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "people/account.html")


@clinic("people.read")
def patients(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("find", "").replace("\0", "").strip()  # PostgreSQL takes no NUL
    rows = visible(Patient, request.actor, "people.read").filter(merged_into=None)
    for word in text.split():
        rows = rows.filter(Q(family_name__icontains=word) | Q(given_name__icontains=word))
    rows = rows.order_by("family_name", "given_name", "id")[: PAGE + 1]
    page = {"patients": rows[:PAGE], "more": len(rows) > PAGE, "find": text}
    return render(request, "people/patients.html", page)


@clinic("people.write")
def register(request: HttpRequest) -> HttpResponse:
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if not k.startswith("identifier_")}
        site = Site.objects.filter(id__in=request.actor.sites("people.write")).order_by("name").first()
        patient = actions.register_patient(
            by=request.actor, site=site, today=timezone.localdate(), identifiers=form.identifiers(), **given
        )
        if not isinstance(patient, Refusal):
            return redirect("chart:patient", patient.id)
        form.refuse(patient)
    return render(request, "people/register.html", {"form": form}, status=400 if form.errors else 200)


@clinic("people.write")
def identify(request: HttpRequest, patient_id) -> HttpResponse:
    """Another number that some system knows the patient by."""
    patient = found(visible(Patient, request.actor, "people.write"), id=patient_id)
    form = IdentifierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.add_identifier(by=request.actor, patient=patient, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("chart:patient", patient.id)
        form.refuse(kept)
    return render(
        request,
        "people/identify.html",
        {"form": form, "patient": patient},
        status=400 if form.errors else 200,
    )


def _administered(request: HttpRequest, site_id) -> Site:
    """A site that the actor administers, or 404."""
    return found(Site.objects.filter(id__in=request.actor.sites("site.administer")), id=site_id)


@clinic("site.administer")
def staff(request: HttpRequest, site_id) -> HttpResponse:
    """Who works at a site, and inviting somebody: the link is shown once, to be handed over."""
    site = _administered(request, site_id)
    form = InviteForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        result = actions.invite_staff(by=request.actor, site=site, **form.cleaned_data)
        if isinstance(result, Refusal):
            form.refuse(result)
        else:
            made, form = result, InviteForm()
    page = {"site": site, "rows": _staff_of(site), "form": form, "link": _link(request, made), "made": made}
    return render(request, "people/staff.html", page, status=400 if form.errors else 200)


def _staff_of(site: Site) -> list[dict[str, Any]]:
    """Everybody with a role at a site, by name."""
    rows: dict[Any, dict[str, Any]] = {}
    for row in StaffRole.objects.filter(site=site).select_related("user"):
        one = rows.setdefault(row.user_id, {"user": row.user, "roles": []})
        one["roles"].append(row.get_role_display())
    return sorted(rows.values(), key=lambda r: (r["user"].last_name, r["user"].first_name))


def _link(request: HttpRequest, made: actions.NewInvitation | None) -> str:
    return request.build_absolute_uri(made.path) if made else ""


@clinic("site.administer")
def staff_member(request: HttpRequest, site_id, user_id) -> HttpResponse:
    """One member of staff: their roles here, a new link, and ending their access."""
    site = _administered(request, site_id)
    user = found(User.objects.filter(staff_roles__site=site).distinct(), id=user_id)
    held = list(StaffRole.objects.filter(user=user, site=site).values_list("role", flat=True))
    asked = request.POST.get("do") if request.method == "POST" else None
    form = RolesForm(request.POST if asked == "roles" else None, initial={"roles": held})
    made = None
    if asked == "invite":
        result = actions.invite_again(by=request.actor, user=user, site=site)
        made = None if isinstance(result, Refusal) else result
    elif asked == "end" or (asked == "roles" and form.is_valid()):
        roles = [] if asked == "end" else form.cleaned_data["roles"]
        result = actions.set_roles(by=request.actor, user=user, site=site, roles=roles)
        if not isinstance(result, Refusal):
            return redirect("people:staff", site.id)
    else:
        result = None
    if isinstance(result, Refusal):
        messages.error(request, str(say(result)))
    page = {"site": site, "member": user, "form": form, "link": _link(request, made), "made": made}
    return render(
        request, "people/staff_member.html", page, status=400 if isinstance(result, Refusal) else 200
    )
