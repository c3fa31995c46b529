"""Logging in, and the patients of a site."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serein.errors import Refusal
from serein_web.people import actions
from serein_web.people.access import clinic, found, public, visible
from serein_web.people.forms import IdentifierForm, LogInForm, RegisterForm
from serein_web.people.models import Patient, Site

PAGE = 50
FIND = "people.find"

log_in = public(LoginView.as_view(template_name="people/log_in.html", authentication_form=LogInForm))
log_out = public(LogoutView.as_view())


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
