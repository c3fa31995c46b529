"""The only writers of a site's own numbers."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge
from serein.knowledge.words import asked
from serein.safety.overlay import Overlay, Setting, apply_overlay, thresholds
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.guide.models import OverlayProposal, OverlayVerdict
from serein_web.guide.queries import latest_version, signed
from serein_web.people.access import Actor
from serein_web.people.models import Site


@action
def propose(
    *, by: Actor, site: Site, knowledge: Knowledge, rule: str, path: str, value: str, reason: str
) -> OverlayProposal | Refusal:
    """Another number for one rule at one site, on top of what is signed there. No `value`: the shared one again."""
    if not by.may("knowledge.propose", site.id):
        return refuse(
            Reason.NOT_ALLOWED_FOR_ROLE, "proposing a number", by.name, allowed="clinician of the site"
        )
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "reason")
    versions = signed(site.id)
    kept = list(versions[0].proposal.settings) if versions else []
    settings = [s for s in kept if (s["rule"], s["path"]) != (rule, path)]
    if value.strip():
        settings.append({"rule": rule, "path": path, "value": value.strip()})
    elif len(settings) == len(kept):
        return refuse(Reason.ALREADY_DONE, "value", "the shared number holds here")
    overlay = Overlay(tuple(Setting(s["rule"], s["path"], s["value"]) for s in settings))
    refused = apply_overlay(knowledge, overlay) if settings else None
    if isinstance(refused, Refusal):
        return refused
    row = OverlayProposal.objects.create(
        site=site,
        based_on=versions[0].version if versions else 0,
        settings=settings,
        digest=overlay.hash if settings else "",
        changed=_in_words(knowledge, rule, path, value.strip()),
        reason=reason.strip(),
        at=timezone.now(),
        by=by.id,
        by_name=by.name,
    )
    _audit(site, by, "knowledge.propose", row, rule=rule, path=path, value=value.strip())
    return row


def _in_words(knowledge: Knowledge, rule: str, path: str, value: str) -> str:
    found = knowledge.rules.get(rule)
    threshold = next((t for t in thresholds(found) if t.path == path), None) if found else None
    if found is None or threshold is None:
        return f"{rule}: {value or 'the shared number again'}"
    what = "how long a value counts" if threshold.operator == "taken_within" else "the limit"
    name = asked(threshold.fact, knowledge.facts)
    wanted = value or "the shared number again"
    return f"{found.text.title}: {what} of {name}, shared {threshold.value}, here {wanted}"[:300]


@action
def sign(
    *, by: Actor, proposal: OverlayProposal, knowledge: Knowledge, reason: str
) -> OverlayVerdict | Refusal:
    """The medical director signs: a new version, in force from the next day of the site. Never at the chair."""
    refused = _may_judge(by, proposal, reason)
    if refused is not None:
        return refused
    overlay = proposal.as_core()
    unfit = apply_overlay(knowledge, overlay) if overlay else None
    if isinstance(unfit, Refusal):
        return unfit
    now = timezone.now()
    row = OverlayVerdict.objects.create(
        proposal=proposal,
        site_id=proposal.site_id,
        signed=True,
        version=proposal.based_on + 1,
        starts_at=_tomorrow(proposal.site, now),
        reason=reason.strip(),
        at=now,
        by=by.id,
        by_name=by.name,
    )
    _audit(proposal.site, by, "knowledge.sign", proposal, version=row.version, digest=proposal.digest)
    return row


@action
def decline(*, by: Actor, proposal: OverlayProposal, reason: str) -> OverlayVerdict | Refusal:
    """The medical director declines a proposal, saying why; it stays in the list of what was asked."""
    refused = _may_judge(by, proposal, reason)
    if refused is not None:
        return refused
    row = OverlayVerdict.objects.create(
        proposal=proposal,
        site_id=proposal.site_id,
        signed=False,
        reason=reason.strip(),
        at=timezone.now(),
        by=by.id,
        by_name=by.name,
    )
    _audit(proposal.site, by, "knowledge.decline", proposal)
    return row


def _may_judge(by: Actor, proposal: OverlayProposal, reason: str) -> Refusal | None:
    if not by.may("knowledge.sign", proposal.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "signing a number", by.name, allowed="medical director")
    if not reason.strip():
        return refuse(Reason.NEEDS_REASON, "reason")
    Site.objects.select_for_update().get(id=proposal.site_id)  # one signature at a time at a site
    if OverlayVerdict.objects.filter(proposal=proposal).exists():
        return refuse(Reason.ALREADY_DONE, "this proposal", proposal.changed)
    if proposal.based_on != latest_version(proposal.site_id):
        return refuse(Reason.CHANGED_MEANWHILE, "the site's numbers", "another version was signed")
    return None


def _tomorrow(site: Site, now: dt.datetime) -> dt.datetime:
    zone = ZoneInfo(site.time_zone)
    day = now.astimezone(zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _audit(site: Site, by: Actor, name: str, proposal: OverlayProposal, **said: object) -> None:
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action=name,
        subject=f"overlay:{proposal.id}",
        payload={"proposal": str(proposal.id), **said},
    )
