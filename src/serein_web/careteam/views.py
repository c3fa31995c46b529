"""The care team and its letters: for staff, for the addressee of a letter, and for the patient."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web import knowledge
from serein_web.careteam import actions
from serein_web.careteam.forms import LetterForm, RelationForm
from serein_web.careteam.models import Letter, Relation
from serein_web.courses.queries import course_for
from serein_web.people.access import by_link, clinic, found, own, portal, visible
from serein_web.people.models import Patient
from serein_web.ui.refusals import say


@clinic("record.read")
def team(request: HttpRequest, patient_id) -> HttpResponse:
    patient = found(visible(Patient, request.actor, "record.read"), id=patient_id)
    rows = Relation.objects.filter(patient=patient, ended_at=None).order_by("kind", "name")
    today = timezone.localdate()
    page = {"patient": patient, "rows": [(row, row.may_share(today)) for row in rows]}
    return render(request, "careteam/team.html", page)


@clinic("record.write")
def add(request: HttpRequest, patient_id) -> HttpResponse:
    patient = found(visible(Patient, request.actor, "record.write"), id=patient_id)
    return _kept(request, patient, RelationForm(request.POST or None), None)


@clinic("record.write")
def change(request: HttpRequest, patient_id, relation_id) -> HttpResponse:
    row = found(_relations(request).filter(patient_id=patient_id, ended_at=None), id=relation_id)
    initial = {name: getattr(row, name) for name in RelationForm.base_fields}
    return _kept(request, row.patient, RelationForm(request.POST or None, initial=initial), row)


def _relations(request: HttpRequest):
    return visible(Relation.objects.select_related("patient"), request.actor, "record.write")


def _kept(request: HttpRequest, patient: Patient, form: RelationForm, row: Relation | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept = actions.keep_relation(by=request.actor, patient=patient, supersedes=row, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("careteam:team", patient.id)
        form.refuse(kept)
    page = {"patient": patient, "form": form, "row": row}
    return render(request, "careteam/relation.html", page, status=400 if form.errors else 200)


@clinic("record.write")
@require_POST
def end(request: HttpRequest, patient_id, relation_id) -> HttpResponse:
    row = found(_relations(request).filter(patient_id=patient_id), id=relation_id)
    kept = actions.end_relation(by=request.actor, relation=row)
    if isinstance(kept, Refusal):
        messages.error(request, str(say(kept)))
    return redirect("careteam:team", patient_id)


@clinic("chart.read")
def letters(request: HttpRequest, course_id) -> HttpResponse:
    """The letters of a course, and writing one. Only people with whom the patient agreed to share can be chosen."""
    course = course_for(request.actor, "chart.read", course_id)
    today = timezone.localdate()
    able = [
        r.id for r in Relation.objects.filter(patient=course.patient, ended_at=None) if r.may_share(today)
    ]
    kind = (
        "start" if course.state in {"screening", "consent", "plan"} else "change" if course.is_open else "end"
    )
    form = LetterForm(request.POST or None, relations=Relation.objects.filter(id__in=able), kind=kind)
    if request.method == "POST" and form.is_valid():
        signed = actions.sign_letter(
            by=request.actor, course=course, today=today, knowledge=knowledge.current(), **form.cleaned_data
        )
        if not isinstance(signed, Refusal):
            return redirect("careteam:letter", course.id, signed.id)
        form.refuse(signed)
    page = {
        "course": course,
        "form": form,
        "able": able,
        "rows": Letter.objects.filter(course=course)
        .select_related("relation")
        .defer("pdf")
        .order_by("-signed_at"),
        "may_sign": request.actor.is_prescriber(course.site_id),
    }
    return render(request, "careteam/letters.html", page, status=400 if form.errors else 200)


def _letter(request: HttpRequest, course_id, letter_id) -> Letter:
    rows = visible(
        Letter.objects.select_related("relation", "course", "patient", "site"), request.actor, "chart.read"
    )
    return found(rows.filter(course_id=course_id), id=letter_id)


@clinic("chart.read")
def letter(request: HttpRequest, course_id, letter_id) -> HttpResponse:
    """A letter as it went out, with whom it reached; and a link for its addressee."""
    row, made = _letter(request, course_id, letter_id), None
    if request.method == "POST":
        result = actions.make_link(by=request.actor, letter=row, today=timezone.localdate())
        if isinstance(result, Refusal):
            messages.error(request, str(say(result)))
        else:
            made = result
    page = {
        "letter": row,
        "made": made,
        "link": request.build_absolute_uri(made.path) if made else "",
        "links": row.links.order_by("-created_at"),
    }
    return render(request, "careteam/letter.html", page)


@clinic("chart.read")
def letter_pdf(request: HttpRequest, course_id, letter_id) -> HttpResponse:
    return _pdf(_letter(request, course_id, letter_id))


def _pdf(row: Letter) -> HttpResponse:
    """No name in the file's own name: it lands among downloads."""
    headers = {"Content-Disposition": f'inline; filename="letter-{row.signed_at:%Y-%m-%d}.pdf"'}
    return HttpResponse(bytes(row.pdf), content_type="application/pdf", headers=headers)


@by_link
@never_cache
def by_token(request: HttpRequest, token: str) -> HttpResponse:
    """The addressee's page: a button, so that a program that only looks at links opens nothing."""
    if request.method == "POST":
        opened = actions.open_link(token=token, today=timezone.localdate())
        response = _gone(request) if isinstance(opened, Refusal) else _pdf(opened)
    else:
        known = actions.open_until(token=token, today=timezone.localdate())
        response = render(request, "careteam/by_token.html", {"until": known}) if known else _gone(request)
    # Django would log the address of a refusal, and with it the token.
    response._has_been_logged = True
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "careteam/gone.html", status=410)


@portal
def mine(request: HttpRequest) -> HttpResponse:
    """Who is told what about the patient who asks, and every letter that went out."""
    today = timezone.localdate()
    rows = own(Relation, request.actor).filter(ended_at=None).order_by("kind", "name")
    sent = own(Letter.objects.select_related("relation").defer("pdf"), request.actor).order_by("-signed_at")
    return render(
        request, "careteam/mine.html", {"rows": [(r, r.may_share(today)) for r in rows], "letters": sent}
    )
