"""The public pages of the enquiry: what Serein's site offers, and asking for a consultation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from serein.errors import Refusal
from serein_web.enquiry import actions
from serein_web.enquiry.forms import RequestForm
from serein_web.enquiry.models import new_request_id
from serein_web.enquiry.pace import too_many
from serein_web.people.access import SEREIN, found, public
from serein_web.people.middleware import show_crisis_lines_of
from serein_web.people.models import Site

TOO_MANY = 429


@public
def welcome(request: HttpRequest) -> HttpResponse:
    return render(request, "enquiry/welcome.html", {"sites": Site.objects.order_by("name")})


@public
def ask(request: HttpRequest, site_id) -> HttpResponse:
    site = found(Site.objects.all(), id=site_id)
    show_crisis_lines_of(request, site)
    form = RequestForm(request.POST or None, initial={"id": new_request_id()})
    if request.method == "POST" and form.is_valid():
        if too_many(request):
            page = {"form": form, "site": site, "too_many": True}
            return render(request, "enquiry/ask.html", page, status=TOO_MANY)
        kept = actions.request_consultation(by=SEREIN, site=site, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("enquiry:thanks")
        form.refuse(kept)
    return render(
        request, "enquiry/ask.html", {"form": form, "site": site}, status=400 if form.errors else 200
    )


@public
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "enquiry/thanks.html")
