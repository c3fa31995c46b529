"""Staff keep medicines, allergies and problems."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.people.access import clinic, found, visible
from serein_web.people.models import Patient
from serein_web.record import actions
from serein_web.record.forms import KeepForm, MedicineForm, ReconcileForm, StopForm
from serein_web.record.matching import facts_named
from serein_web.record.models import Allergy, Kept, Medicine, Problem, Reconciliation
from serein_web.record.queries import medicines

MODELS: dict[str, type[Kept]] = {"medicine": Medicine, "allergy": Allergy, "problem": Problem}
ADD = {"medicine": _("Add a medicine"), "allergy": _("Add an allergy"), "problem": _("Add a problem")}


def _model(kind: str) -> type[Kept]:
    if kind not in MODELS:
        raise Http404
    return MODELS[kind]


@clinic("record.write")
def keep(request: HttpRequest, patient_id, kind: str) -> HttpResponse:
    model, pack = _model(kind), knowledge.current()
    patient = found(visible(Patient, request.actor, "record.write"), id=patient_id)
    form = (MedicineForm if model is Medicine else KeepForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.keep_by_staff(
            by=request.actor, patient=patient, model=model, knowledge=pack, **form.cleaned_data
        )
        if not isinstance(kept, Refusal):
            _say_facts(request, kept)
            return redirect("chart:patient", patient.id)
        form.refuse(kept)
    page = {"patient": patient, "form": form, "title": ADD[kind]}
    return render(request, "record/keep.html", page, status=400 if form.errors else 200)


def _say_facts(request: HttpRequest, row: Kept) -> None:
    """What the rules will see of it, or that they see nothing."""
    pack = knowledge.current()
    asks = [pack.facts[key].text.ask for key in facts_named(type(row), row.display, pack)]
    if asks:
        messages.success(
            request, _("Kept. For the rules it counts as: %(facts)s.") % {"facts": "; ".join(asks)}
        )
    else:
        messages.info(
            request, _("Kept. No rule knows this name: answer the questions of the screening as well.")
        )


@clinic("record.write")
def stop(request: HttpRequest, patient_id, kind: str, entry_id) -> HttpResponse:
    model, pack = _model(kind), knowledge.current()
    rows = visible(model.objects.select_related("patient"), request.actor, "record.write")
    row = found(rows, id=entry_id, patient_id=patient_id)
    facts = {key: pack.facts[key] for key in facts_named(model, row.display, pack)}
    form = StopForm(request.POST or None, facts=facts, initial={"ended_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        ended = actions.stop(
            by=request.actor,
            row=row,
            ended_on=form.cleaned_data["ended_on"],
            note=form.cleaned_data["note"],
            values=form.values(),
            knowledge=pack,
        )
        if not isinstance(ended, Refusal):
            return redirect("chart:patient", row.patient_id)
        form.refuse(ended)
    page = {"patient": row.patient, "row": row, "form": form, "facts": facts}
    return render(request, "record/stop.html", page, status=400 if form.errors else 200)


@clinic("record.write")
def reconcile(request: HttpRequest, patient_id) -> HttpResponse:
    """Go through the whole list of medicines with the patient, before every session; attested by whoever did."""
    patient = found(visible(Patient, request.actor, "record.write"), id=patient_id)
    rows = [m for m in medicines(patient) if m.status == "active"]
    form = ReconcileForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        kept = actions.reconcile(
            by=request.actor, patient=patient, lines=form.lines(), knowledge=knowledge.current()
        )
        if not isinstance(kept, Refusal):
            messages.success(request, _("Attested: the list was gone through today."))
            return redirect(_back(request) or reverse("chart:patient", args=[patient.id]))
        form.refuse(kept)
    last = Reconciliation.objects.filter(patient=patient).order_by("-at").first()
    page = {"patient": patient, "form": form, "rows": rows, "last": last, "next": _back(request)}
    return render(request, "record/reconcile.html", page, status=400 if form.errors else 200)


def _back(request: HttpRequest) -> str:
    """The page that led here, if it is one of ours."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}) else ""
