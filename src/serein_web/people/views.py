"""Invitations, the patients and the staff of a site, and who is on duty."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.people import actions, duty
from serein_web.people.access import by_link, clinic, found, public, visible
from serein_web.people.factors import factors_of
from serein_web.people.forms import (
    IdentifierForm,
    InviteForm,
    NewPasswordForm,
    RegisterForm,
    RolesForm,
    ShiftForm,
)
from serein_web.people.links import digest_of
from serein_web.people.middleware import actor_of
from serein_web.people.models import Invitation, Patient, Shift, Site, StaffRole, User
from serein_web.people.shared import come_in
from serein_web.ui.refusals import say

PAGE = 50
DAYS_SHOWN = 14
FIND = "people.find"


@by_link
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody opens their own log-in: they set its password, and are logged in."""
    row = Invitation.objects.select_related("user", "site").filter(digest=digest_of(token)).first()
    if row is None or not row.is_open(timezone.now()):
        return render(request, "people/invitation_gone.html", status=410)
    had = factors_of(row.user)
    form = NewPasswordForm(row.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.accept_invitation(
            by=actor_of(row.user), token=token, password=form.cleaned_data["new_password1"]
        )
        if isinstance(user, Refusal):
            return render(request, "people/invitation_gone.html", status=410)
        come_in(request, user, "invitation", second=False)
        if had.seconds or had.pin:
            messages.info(
                request, _("Your second factors and your PIN were taken away with the old password.")
            )
        return redirect("people:home")
    page = {"form": form, "invited": row.user, "site": row.site, "had": had}
    return render(request, "people/invitation.html", page, status=400 if form.errors else 200)


@public
def home(request: HttpRequest) -> HttpResponse:
    """Where somebody belongs who has just logged in."""
    if request.actor.is_staff:
        return redirect("schedule:today" if request.actor.may_anywhere("today.read") else "people:account")
    if request.actor.patient:
        return redirect("chart:portal")
    return redirect("people:account") if request.user.is_authenticated else redirect("enquiry:welcome")


@clinic("people.read")
def patients(request: HttpRequest) -> HttpResponse:
    """A name that is looked for never stands in an address: it is posted, and the session keeps it for the way back."""
    if request.method == "POST":
        request.session[FIND] = (
            request.POST.get("find", "").replace("\0", "").strip()
        )  # PostgreSQL takes no NUL
        return redirect("people:patients")
    text = request.session.get(FIND, "")
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


@clinic("duty.read")
def duty_lists(request: HttpRequest) -> HttpResponse:
    """The duty list of somebody's own site; of several sites, the first by name."""
    site = Site.objects.filter(id__in=request.actor.sites("duty.read")).order_by("name").first()
    return redirect("people:duty", site.id)


@clinic("duty.read")
def duty_list(request: HttpRequest, site_id) -> HttpResponse:
    """Who is there now, who comes, and putting somebody on. `?instead=` stands in for a shift."""
    site = found(Site.objects.filter(id__in=request.actor.sites("duty.read")), id=site_id)
    now = timezone.now()
    replaced = Shift.objects.filter(
        site=site, withdrawn_at=None, id=_uuid(request.GET.get("instead"))
    ).first()
    initial = {"user": request.actor.id, "kind": Shift.Kind.DUTY}
    if replaced:
        initial |= {"kind": replaced.kind, "starts_at": replaced.starts_at, "ends_at": replaced.ends_at}
    form = ShiftForm(request.POST or None, site=site, initial=initial)
    if request.method == "POST":
        if not request.actor.may("duty.write", site.id):
            raise PermissionDenied
        if form.is_valid():
            kept = actions.add_shift(by=request.actor, site=site, instead_of=replaced, **form.cleaned_data)
            if not isinstance(kept, Refusal):
                return redirect("people:duty", site.id)
            form.refuse(kept)
    page = {
        "site": site,
        "here": duty.shifts_at(site, now),
        "coming": [s for s in duty.coming(site, now, DAYS_SHOWN) if s.starts_at > now],
        "form": form,
        "replaced": replaced,
        "may_write": request.actor.may("duty.write", site.id),
    }
    return render(request, "people/duty.html", page, status=400 if form.errors else 200)


@clinic("duty.write")
@require_POST
def withdraw_shift(request: HttpRequest, site_id, shift_id) -> HttpResponse:
    shift = found(
        Shift.objects.filter(site_id__in=request.actor.sites("duty.write"), site_id=site_id), id=shift_id
    )
    kept = actions.withdraw_shift(by=request.actor, shift=shift)
    if isinstance(kept, Refusal):
        messages.error(request, str(say(kept)))
    return redirect("people:duty", site_id)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
