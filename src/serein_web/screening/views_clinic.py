"""Screening as staff see it: the decision with its reasons, what is missing, the note, the import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein.knowledge import Knowledge
from serein.pathway import screening as core
from serein.pathway.journey import BY_NAME
from serein.safety import Decision
from serein.safety.decision import from_json
from serein_web import knowledge
from serein_web.courses.models import Course
from serein_web.courses.queries import course_for
from serein_web.decisions import shown, told
from serein_web.people.access import ANY_STAFF, clinic, found, visible
from serein_web.record.models import Document, Statement
from serein_web.screening import actions, forms
from serein_web.screening.models import ConsultationNote, DecisionRecord, OverrideRecord
from serein_web.screening.queries import decision_now, note_of, overrides, replayed, work_up_now
from serein_web.ui.refusals import say


@clinic("screening.read")
def show(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.read", course_id)
    form = _answers_form(course, None)
    return render(request, "screening/show.html", _page(request, course, form))


@clinic("screening.write")
@require_POST
def answer(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.write", course_id)
    form = _answers_form(course, request.POST)
    if form.is_valid():
        kept = actions.answer_facts(by=request.actor, course=course, values=form.values())
        if not isinstance(kept, Refusal):
            return redirect("screening:show", course.id)
        form.refuse(kept)
    return render(request, "screening/show.html", _page(request, course, form), status=400)


def _answers_form(course: Course, data) -> forms.AnswersForm:
    """On a post, any askable fact of the pack counts: somebody may have answered another one meanwhile."""
    pack = knowledge.current()
    if data is not None:
        return forms.AnswersForm(
            data, facts={k: f for k, f in pack.facts.items() if k in data and not f.derived}
        )
    now = timezone.now()
    asks = _asks(decision_now(course, now), work_up_now(course, now), pack)
    return forms.AnswersForm(None, facts={a.fact: pack.facts[a.fact] for a in asks})


def _asks(decision: Decision, work_up: Decision, pack: Knowledge) -> tuple[core.Ask, ...]:
    """What the decision needs, then what only the work-up does."""
    first = core.to_ask(decision, pack)
    asked = {a.fact for a in first}
    return (*first, *(a for a in core.to_ask(work_up, pack) if a.fact not in asked))


def _page(request: HttpRequest, course: Course, form: forms.AnswersForm) -> dict[str, Any]:
    pack = knowledge.current()
    now = timezone.now()
    decision, work_up = decision_now(course, now), work_up_now(course, now)
    asks = _asks(decision, work_up, pack)
    return {
        "course": course,
        "patient": course.patient,
        "decision": shown(decision, pack),
        "work_up": shown(work_up, pack),
        "form": form,
        "groups": _groups(asks, form),
        "overrides": [_titled(row, pack) for row in overrides(course)],
        "documents": Document.objects.filter(patient=course.patient, kind="fhir").order_by("-recorded_at"),
        "note": note_of(course),
        "history": DecisionRecord.objects.filter(course=course).order_by("-at")[:20],
        "refused": core.may_accept(decision),
        "reason_form": forms.ReasonForm(auto_id="decline_%s"),
        "prescriber": request.actor.may("screening.decide", course.site_id),
        "open": course.state == "screening",
        "may_screen_again": course.state in BY_NAME["screen-again"].sources,
    }


def _titled(row: OverrideRecord, pack: Knowledge) -> dict[str, Any]:
    """An override by the title of its rule."""
    rule = pack.rules.get(row.rule)
    given = {name: getattr(row, name) for name in ("id", "reason", "by_name", "at")}
    return given | {"title": rule.text.title if rule else row.rule}


def _groups(asks: tuple[core.Ask, ...], form: forms.AnswersForm) -> list[dict[str, Any]]:
    """The questions of the form by their group, with what the record hints."""
    groups: dict[str, dict[str, Any]] = {}
    for ask in asks:
        group = groups.setdefault(
            ask.group, {"name": ask.group, "asks": [], "attestable": 0, "blocks": False}
        )
        if ask.fact in form.fields:
            because = told(ask.because, knowledge.current(), timezone.now())
            group["asks"].append({"field": form[ask.fact], "because": because, "why": ask.why})
        group["attestable"] += ask.attestable
        group["blocks"] |= ask.if_unknown == "block"
    return list(groups.values())


@clinic("screening.write")
@require_POST
def attest(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.write", course_id)
    return _done(
        request, course, actions.attest(by=request.actor, course=course, group=request.POST.get("group", ""))
    )


@clinic("screening.write")
def import_record(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.write", course_id)
    form = forms.ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        kept = actions.import_bundle(by=request.actor, course=course, title=file.name[:200], data=file.read())
        if not isinstance(kept, Refusal):
            return redirect("screening:document", course.id, kept.id)
        form.add_error("file", str(say(kept)))
    page = {"form": form, "course": course, "patient": course.patient}
    return render(request, "screening/import.html", page, status=400 if form.errors else 200)


@clinic("screening.read")
def document(request: HttpRequest, course_id, document_id) -> HttpResponse:
    course = course_for(request.actor, "screening.read", course_id)
    row = found(
        visible(Document, request.actor, "record.read").filter(patient=course.patient), id=document_id
    )
    return render(
        request, "screening/document.html", {"document": row, "course": course, "patient": course.patient}
    )


@clinic("screening.write")
def note(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.write", course_id)
    row = note_of(course)
    if row is not None and row.signed_at:
        return _signed_note(request, course, row)
    initial = {name: getattr(row, name) for name in forms.NOTE_FIELDS} if row else {}
    form = forms.NoteForm(request.POST or None, initial=initial | {"version": row.version if row else 1})
    if request.method == "POST" and form.is_valid():
        kept = actions.save_note(by=request.actor, course=course, **form.cleaned_data)
        if not isinstance(kept, Refusal) and "sign" in request.POST:
            kept = actions.sign_note(by=request.actor, course=course)
        if not isinstance(kept, Refusal):
            return redirect("screening:note", course.id)
        form.refuse(kept)
    page = {"form": form, "course": course, "patient": course.patient}
    return render(request, "screening/note.html", page, status=400 if form.errors else 200)


def _signed_note(request: HttpRequest, course: Course, row: ConsultationNote) -> HttpResponse:
    form = forms.AddendumForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.add_addendum(by=request.actor, course=course, note=row, **form.cleaned_data)
        if not isinstance(kept, Refusal):
            return redirect("screening:note", course.id)
        form.refuse(kept)
    texts = [(label, getattr(row, name)) for name, label in forms.NOTE_FIELDS.items()]
    page = {"form": form, "note": row, "texts": texts, "course": course, "patient": course.patient}
    return render(request, "screening/signed_note.html", page, status=400 if form.errors else 200)


@clinic("screening.decide")
@require_POST
def override(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.decide", course_id)
    rule, reason = request.POST.get("rule", ""), _reason(request)
    return _done(request, course, actions.override(by=request.actor, course=course, rule=rule, reason=reason))


@clinic("screening.decide")
@require_POST
def withdraw_override(request: HttpRequest, course_id, override_id) -> HttpResponse:
    course = course_for(request.actor, "screening.decide", course_id)
    row = found(OverrideRecord.objects.filter(course=course), id=override_id)
    return _done(request, course, actions.withdraw_override(by=request.actor, course=course, row=row))


@clinic("screening.decide")
def dispute(request: HttpRequest, course_id, fact) -> HttpResponse:
    """The statements behind a fact, each of which a prescriber can dispute."""
    course = course_for(request.actor, "screening.decide", course_id)
    known = knowledge.current().facts.get(fact)
    if known is None or known.derived:
        raise Http404
    rows = Statement.objects.filter(patient=course.patient, fact=fact).order_by("-at")
    said = [(row, told([row.because], knowledge.current(), row.at)[0]) for row in rows]
    form = forms.DisputeForm(request.POST or None, fact=known)
    if request.method == "POST":
        row = found(rows, id=_uuid(request.POST.get("statement", "")))
        if form.is_valid():
            given = {k: form.cleaned_data[k] for k in ("reason", "evidence")}
            kept = actions.dispute(
                by=request.actor, course=course, statement=row, value=form.value(), **given
            )
            if not isinstance(kept, Refusal):
                return redirect("screening:show", course.id)
            form.refuse(kept)
    page = {"form": form, "rows": said, "fact": known, "course": course, "patient": course.patient}
    return render(request, "screening/dispute.html", page, status=400 if form.errors else 200)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@clinic("screening.decide")
@require_POST
def accept(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.decide", course_id)
    kept = actions.accept(by=request.actor, course=course)
    return _done(request, course, kept, "chart:course")


@clinic("screening.decide")
@require_POST
def decline(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.decide", course_id)
    kept = actions.decline(by=request.actor, course=course, reason=_reason(request))
    return _done(request, course, kept, "chart:course")


@clinic("screening.write")
@require_POST
def screen_again(request: HttpRequest, course_id) -> HttpResponse:
    course = course_for(request.actor, "screening.write", course_id)
    kept = actions.screen_again(by=request.actor, course=course, reason=_reason(request))
    return _done(request, course, kept)


def _reason(request: HttpRequest) -> str:
    """The reason as it was written; none if it is too short to be one. The action says what is wrong then."""
    form = forms.ReasonForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else ""


def _done(request: HttpRequest, course: Course, kept: Any, then: str = "screening:show") -> HttpResponse:
    """Go on, or show the page again with the refusal on top."""
    if not isinstance(kept, Refusal):
        return redirect(then, course.id)
    messages.error(request, str(say(kept)))
    return render(
        request, "screening/show.html", _page(request, course, _answers_form(course, None)), status=400
    )


@clinic("screening.read")
def decision(request: HttpRequest, course_id, decision_id) -> HttpResponse:
    """A decision as it was made, and whether it comes out the same today on the same knowledge."""
    course = course_for(request.actor, "screening.read", course_id)
    row = found(DecisionRecord.objects.filter(course=course), id=decision_id)
    page = {
        "row": row,
        "decision": shown(
            from_json(row.canonical.encode()), knowledge.of_hash(row.knowledge) or knowledge.current()
        ),
        "replayed": {
            "same": _("the same"),
            "different": _("different"),
            "not here": _("not on this machine"),
        }[replayed(row)],
        "course": course,
        "patient": course.patient,
    }
    return render(request, "screening/decision.html", page)


@clinic(ANY_STAFF)
def evidence(request: HttpRequest, key: str) -> HttpResponse:
    """One source: what it is, how closely it was read, and what rests on it."""
    pack = knowledge.current()
    if key not in pack.evidence:
        raise Http404
    rules = [r for r in pack.rules.values() if key in r.evidence]
    return render(request, "screening/evidence.html", {"source": pack.evidence[key], "rules": rules})
