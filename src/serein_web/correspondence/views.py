"""The administrator's page of messages: which ways are proved, and what did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from serein.errors import Refusal
from serein_web.correspondence import actions
from serein_web.correspondence.carriers import carrier
from serein_web.correspondence.forms import CodeForm
from serein_web.correspondence.models import Channel, Message, Way
from serein_web.correspondence.queries import is_open
from serein_web.people.access import clinic, found
from serein_web.people.links import digest_of
from serein_web.people.models import Invitation, Site
from serein_web.ui.refusals import say


@clinic("site.administer")
def channels(request: HttpRequest, site_id) -> HttpResponse:
    """Each way of sending: set up or not, proved or not. A test goes to whoever asks; its code opens the way."""
    site = found(Site.objects.filter(id__in=request.actor.sites("site.administer")), id=site_id)
    refused = None
    if request.method == "POST":
        way = request.POST.get("way", "")
        if way not in Way.values:
            raise Http404
        if request.POST.get("do") == "test":
            kept = actions.test_channel(by=request.actor, site=site, way=way, user=request.user)
        else:
            kept = actions.prove_channel(
                by=request.actor, site=site, way=way, code=request.POST.get("code", "")
            )
        if not isinstance(kept, Refusal):
            return redirect("correspondence:channels", site.id)
        refused = kept
        messages.error(request, str(say(kept)))
    rows = Channel.objects.filter(site=site)
    ways = [
        {
            "way": way,
            "set_up": carrier(way.value) is not None,
            "open": is_open(site, way.value),
            "channel": next((r for r in rows if r.way == way), None),
            "form": CodeForm(prefix=None, auto_id=f"{way.value}-%s"),
        }
        for way in Way
    ]
    failed = Message.objects.filter(site=site, state=Message.State.FAILED).order_by("-settled_at")[:20]
    page = {"site": site, "ways": ways, "failed": failed}
    return render(request, "correspondence/channels.html", page, status=400 if refused else 200)


@clinic("site.administer")
@require_POST
def send_invitation(request: HttpRequest, site_id) -> HttpResponse:
    """Send the link of an invitation, which the administrator's page holds, to the person whom it is for."""
    site = found(Site.objects.filter(id__in=request.actor.sites("site.administer")), id=site_id)
    token = request.POST.get("token", "")
    invitation = found(Invitation.objects.select_related("user").filter(site=site), digest=digest_of(token))
    kept = actions.queue(
        by=request.actor,
        site=site,
        user=invitation.user,
        template="invitation",
        register="formal",
        key=f"invitation:{invitation.id}",
        values={
            "name": invitation.user.name,
            "link": request.build_absolute_uri(reverse("people:invitation", args=[token])),
        },
    )
    if isinstance(kept, Refusal):
        messages.error(request, str(say(kept)))
    else:
        messages.success(request, _("The invitation is on its way."))
    return redirect("people:staff", site.id)
