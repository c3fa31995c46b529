"""After-care, for the patient."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from serein_web.people.access import portal


@portal
def aftercare(request: HttpRequest) -> HttpResponse:
    """What to do and not to do after a session, in plain words."""
    return render(request, "recovery/aftercare.html", {"site": request.actor.patient.site})
