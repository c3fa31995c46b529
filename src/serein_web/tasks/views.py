"""The worklist: one page, worst first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from serein.errors import Refusal
from serein_web.people.access import clinic, found, visible
from serein_web.tasks import actions
from serein_web.tasks.models import Task
from serein_web.tasks.queries import worklist
from serein_web.ui.forms import ReasonField, SereinForm


class FinishForm(SereinForm):
    outcome = ReasonField(label=_("What was done, and what came of it"))


@clinic("tasks.read")
def show_worklist(request: HttpRequest) -> HttpResponse:
    return render(request, "tasks/worklist.html", {"tasks": worklist(request.actor), "now": timezone.now()})


@clinic("tasks.write")
def finish(request: HttpRequest, task_id) -> HttpResponse:
    task = found(visible(Task.objects.select_related("patient"), request.actor, "tasks.write"), id=task_id)
    if task.kind != Task.Kind.OFFICE:
        task = found(
            visible(Task.objects.select_related("patient"), request.actor, "tasks.clinical"), id=task_id
        )
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = actions.finish_task(by=request.actor, task=task, **form.cleaned_data)
        if not isinstance(done, Refusal):
            return redirect("tasks:worklist")
        form.refuse(done)
    return render(
        request, "tasks/finish.html", {"task": task, "form": form}, status=400 if form.errors else 200
    )
