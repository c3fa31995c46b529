"""The guide: every rule and everything it rests on, for whoever works here; and the site's own numbers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serein.errors import Refusal
from serein.knowledge.types import Rule
from serein.safety.overlay import thresholds
from serein_web import knowledge
from serein_web.guide import actions, queries, shown
from serein_web.guide.forms import JudgeForm, ProposeForm
from serein_web.guide.knowledge import misfits
from serein_web.guide.models import OverlayProposal
from serein_web.people.access import ANY_STAFF, clinic, found, visible
from serein_web.people.models import Site

FILTERS = ("kind", "basis", "strength", "if_unknown")
SOON = dt.timedelta(days=60)


@clinic(ANY_STAFF)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule by kind; filters narrow it, and a word finds it."""
    pack = knowledge.current()
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    text = request.GET.get("find", "").strip()
    rows = [r for r in pack.rules.values() if _fits(r, chosen, text)]
    choices = {name: sorted({getattr(r, name) for r in pack.rules.values()}) for name in FILTERS}
    page = {
        "groups": shown.groups(rows),
        "count": len(rows),
        "total": len(pack.rules),
        "chosen": chosen,
        "find": text,
        "choices": choices,
        "kinds": [(k, shown.KINDS.get(k, k)) for k in choices["kind"]],
        "folders": [(f, t) for f, t in shown.FOLDERS.items() if _files(f)],
        "sites": _sites(request),
        "hash": pack.hash[:12],
    }
    return render(request, "guide/rules.html", page)


def _fits(rule: Rule, chosen: dict[str, str], text: str) -> bool:
    if any(wanted and getattr(rule, name) != wanted for name, wanted in chosen.items()):
        return False
    words = f"{rule.key} {rule.text.title} {rule.text.why}".lower()
    return all(word in words for word in text.lower().split())


@clinic(ANY_STAFF)
def rule(request: HttpRequest, rule_key: str) -> HttpResponse:
    pack = knowledge.current()
    one = pack.rules.get(rule_key)
    if one is None:
        raise Http404
    now = timezone.now()
    here = [
        {"site": site, "numbers": shown.numbers(one, pack, queries.in_force(site.id, now))}
        for site in _sites(request)
    ]
    return render(
        request, "guide/rule.html", shown.rule(one, pack) | {"here": here if thresholds(one) else []}
    )


@clinic(ANY_STAFF)
def facts(request: HttpRequest) -> HttpResponse:
    """Every fact by the file that it is in."""
    pack = knowledge.current()
    by_file: dict[str, list[Any]] = {}
    for fact_ in pack.facts.values():
        by_file.setdefault(fact_.file.split("/")[-1].removesuffix(".toml").replace("-", " "), []).append(
            fact_
        )
    return render(request, "guide/facts.html", {"groups": sorted(by_file.items())})


@clinic(ANY_STAFF)
def fact(request: HttpRequest, fact: str) -> HttpResponse:
    pack = knowledge.current()
    if fact not in pack.facts:
        raise Http404
    page = shown.fact(pack.facts[fact], pack) | {"evidence": shown.sources(pack.facts[fact].evidence, pack)}
    return render(request, "guide/fact.html", page)


@clinic(ANY_STAFF)
def folder(request: HttpRequest, folder: str) -> HttpResponse:
    """Questionnaires, routes, protocols and the like: a list of files."""
    if folder not in shown.FOLDERS:
        raise Http404
    return render(
        request,
        "guide/folder.html",
        {"folder": folder, "title": shown.FOLDERS[folder], "files": _files(folder)},
    )


def _files(folder: str) -> list[dict[str, str]]:
    files = knowledge.current().pack.files
    return [
        {"key": raw["key"], "title": raw.get("text", {}).get("title", raw["key"])}
        for name, raw in sorted(files.items())
        if name.startswith(f"{folder}/") and "key" in raw
    ]


@clinic(ANY_STAFF)
def entry(request: HttpRequest, folder: str, entry_key: str) -> HttpResponse:
    """One file of the knowledge, read-only, as nested lists."""
    pack = knowledge.current()
    raw = pack.pack.files.get(f"{folder}/{entry_key}.toml") if folder in shown.FOLDERS else None
    if raw is None:
        raise Http404
    page = {
        "folder": folder,
        "folder_title": shown.FOLDERS[folder],
        "raw": raw,
        "title": raw.get("text", {}).get("title", entry_key),
        "file": f"{folder}/{entry_key}.toml",
        "rows": shown.tree(raw, pack.facts),
        "evidence": shown.sources(raw.get("evidence", []), pack),
    }
    return render(request, "guide/entry.html", page)


@clinic(ANY_STAFF)
def due(request: HttpRequest) -> HttpResponse:
    """What has to be read again within sixty days, and what lapses."""
    today = timezone.localdate()
    page = {"rows": shown.due(knowledge.current(), today + SOON), "today": today, "until": today + SOON}
    return render(request, "guide/due.html", page)


def _sites(request: HttpRequest) -> list[Site]:
    """The sites whose own numbers this member of staff may see."""
    return list(Site.objects.filter(id__in=request.actor.sites("knowledge.propose")).order_by("name"))


def _site(request: HttpRequest, permission: str, site_id: uuid.UUID) -> Site:
    return found(Site.objects.filter(id__in=request.actor.sites(permission)), id=site_id)


@clinic("knowledge.propose")
def site(request: HttpRequest, site_id: uuid.UUID) -> HttpResponse:
    """A site's own numbers: what is in force, what comes tomorrow, what is proposed, and every version."""
    row = _site(request, "knowledge.propose", site_id)
    now = timezone.now()
    in_force = queries.version_in_force(row.id, now)
    versions = queries.signed(row.id)
    overlay = in_force.proposal.as_core() if in_force else None
    page = {
        "site": row,
        "in_force": in_force,
        "coming": [v for v in versions if v.starts_at > now],
        "versions": versions,
        "settings": _said(overlay),
        "misfits": misfits(overlay) if overlay else (),
        "proposals": queries.open_proposals(row.id),
        "may_sign": request.actor.may("knowledge.sign", row.id),
    }
    return render(request, "guide/site.html", page)


def _said(overlay: Any) -> list[dict[str, Any]]:
    pack = knowledge.current()
    found_ = []
    for setting in overlay.settings if overlay else ():
        one = pack.rules.get(setting.rule)
        shared = next((t for t in thresholds(one) if t.path == setting.path), None) if one else None
        name = shown.threshold_name(shared, pack) if shared else setting.path
        found_.append({"setting": setting, "rule": one, "shared": shared, "name": name})
    return found_


@clinic("knowledge.propose")
def propose(request: HttpRequest, site_id: uuid.UUID, rule_key: str, path: str) -> HttpResponse:
    """Another number for one rule at this site."""
    row = _site(request, "knowledge.propose", site_id)
    one = knowledge.current().rules.get(rule_key)
    threshold = next((t for t in thresholds(one) if t.path == path), None) if one else None
    if one is None or threshold is None:
        raise Http404
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = actions.propose(
            by=request.actor,
            site=row,
            knowledge=knowledge.current(),
            rule=rule_key,
            path=path,
            **form.cleaned_data,
        )
        if not isinstance(kept, Refusal):
            return redirect("guide:site", row.id)
        form.refuse(kept)
    pack = knowledge.current()
    page = {
        "site": row,
        "rule": one,
        "threshold": threshold,
        "name": shown.threshold_name(threshold, pack),
        "when": shown.phrase(one.when, pack.facts),
        "form": form,
    }
    return render(request, "guide/propose.html", page, status=400 if form.errors else 200)


@clinic("knowledge.sign")
def judge(request: HttpRequest, site_id: uuid.UUID, proposal_id: uuid.UUID) -> HttpResponse:
    """The medical director signs or declines one proposal."""
    row = _site(request, "knowledge.sign", site_id)
    rows = visible(OverlayProposal.objects.select_related("site"), request.actor, "knowledge.sign")
    proposal = found(rows.filter(site=row), id=proposal_id)
    form = JudgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if request.POST.get("do") == "sign":
            kept = actions.sign(
                by=request.actor, proposal=proposal, knowledge=knowledge.current(), reason=reason
            )
        else:
            kept = actions.decline(by=request.actor, proposal=proposal, reason=reason)
        if not isinstance(kept, Refusal):
            return redirect("guide:site", row.id)
        form.refuse(kept)
    page = {"site": row, "proposal": proposal, "settings": _said(proposal.as_core()), "form": form}
    return render(request, "guide/judge.html", page, status=400 if form.errors else 200)
