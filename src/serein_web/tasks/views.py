"""The worklist: one page, worst first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.people.access import clinic, found, visible
from serein_web.tasks import actions
from serein_web.tasks.models import Task
from serein_web.tasks.queries import worklist
from serein_web.ui.forms import ReasonField, SereinForm
from serein_web.ui.refusals import say


class FinishForm(SereinForm):
    outcome = ReasonField(label=_("What was done, and what came of it"))


@clinic("tasks.read")
def show_worklist(request: HttpRequest) -> HttpResponse:
    return render(request, "tasks/worklist.html", {"tasks": worklist(request.actor), "now": timezone.now()})


def _task(request: HttpRequest, task_id) -> Task:
    """A task that the actor may see to: a clinical one only by who may read what it is about."""
    rows = Task.objects.select_related("patient", "owner")
    task = found(visible(rows, request.actor, "tasks.write"), id=task_id)
    if task.kind != Task.Kind.OFFICE:
        task = found(visible(rows, request.actor, "tasks.clinical"), id=task_id)
    return task


@clinic("tasks.write")
@require_POST
def take(request: HttpRequest, task_id) -> HttpResponse:
    kept = actions.take_task(by=request.actor, task=_task(request, task_id))
    if isinstance(kept, Refusal):
        messages.error(request, str(say(kept)))
    return redirect("tasks:worklist")


@clinic("tasks.write")
def finish(request: HttpRequest, task_id) -> HttpResponse:
    task = _task(request, task_id)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = actions.finish_task(by=request.actor, task=task, **form.cleaned_data)
        if not isinstance(done, Refusal):
            return redirect("tasks:worklist")
        form.refuse(done)
    return render(
        request, "tasks/finish.html", {"task": task, "form": form}, status=400 if form.errors else 200
    )
