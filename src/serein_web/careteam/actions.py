"""The only writers of the care team and of letters."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.careteam import content, pdf
from serein_web.careteam.models import Letter, LetterLink, Relation
from serein_web.courses.models import Course
from serein_web.people.access import SEREIN, Actor
from serein_web.people.links import digest_of, new_token
from serein_web.people.models import Patient
from serein_web.ui.templatetags.serein import date_long

LINK_LASTS = dt.timedelta(days=14)


def _audit(patient_id: UUID, by: Actor, name: str, subject: str, **payload: Any) -> None:
    trail.record(chain=f"patient:{patient_id}", by=by, action=name, subject=subject, payload=payload)


@action
def keep_relation(
    *, by: Actor, patient: Patient, supersedes: Relation | None = None, **details: Any
) -> Relation | Refusal:
    """Somebody around the patient, new or in place of an earlier entry. Sharing says how the patient agreed."""
    if not details.get("name", "").strip():
        return refuse(Reason.MISSING, "name")
    starts, until = details.get("share_from"), details.get("share_until")
    if starts and not details.get("agreed_how", "").strip():
        return refuse(Reason.NEEDS_REASON, "sharing with somebody")
    if until and (not starts or until < starts):
        return refuse(Reason.OUT_OF_ORDER, "until", until, earliest=starts or "a first day")
    if supersedes is not None:
        if not Relation.objects.filter(id=supersedes.id, ended_at=None).update(ended_at=timezone.now()):
            return refuse(Reason.CHANGED_MEANWHILE, "this entry", supersedes.name)
        _withdraw_links(supersedes)
    row = Relation.objects.create(
        site_id=patient.site_id, patient=patient, by_name=by.name, supersedes=supersedes, **details
    )
    _audit(patient.id, by, "careteam.keep", f"relation:{row.id}", kind=row.kind, shares=starts is not None)
    return row


@action
def end_relation(*, by: Actor, relation: Relation) -> Relation | Refusal:
    """They are no longer around, or the patient no longer agrees: every open link to a letter ends."""
    if not Relation.objects.filter(id=relation.id, ended_at=None).update(ended_at=timezone.now()):
        return refuse(Reason.ALREADY_DONE, "this entry", relation.name)
    _withdraw_links(relation)
    _audit(relation.patient_id, by, "careteam.end", f"relation:{relation.id}", kind=relation.kind)
    return relation


def _withdraw_links(relation: Relation) -> None:
    LetterLink.objects.filter(letter__relation=relation, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )


@action
def sign_letter(
    *,
    by: Actor,
    course: Course,
    relation: Relation,
    kind: str,
    parts: list[str],
    words: str,
    today: dt.date,
    knowledge: Knowledge,
) -> Letter | Refusal:
    """A prescriber signs a letter to somebody with whom the patient agreed to share. It is kept as it went out."""
    if not by.is_prescriber(course.site_id):
        return refuse(Reason.NOT_ALLOWED_FOR_ROLE, "signing a letter", by.name, allowed="prescriber")
    if relation.patient_id != course.patient_id:
        return refuse(Reason.OTHER_PATIENT, "this addressee", relation.name)
    if not relation.may_share(today):
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "telling this person",
            "the patient's agreement does not hold today",
            next="Ask the patient, and record how they agreed.",
        )
    unknown = [p for p in parts if p not in content.PARTS]
    if unknown:
        return refuse(Reason.NOT_A_CHOICE, "part", unknown[0], allowed=", ".join(content.PARTS))
    sections = content.body(course, knowledge, parts, words)
    if not sections:
        return refuse(Reason.MISSING, "what the letter says")
    now = timezone.now()
    made = pdf.made(_page(by, course, relation, kind, sections, now))
    letter = Letter.objects.create(
        site_id=course.site_id,
        patient=course.patient,
        course=course,
        relation=relation,
        kind=kind,
        shared=parts,
        body=sections,
        pdf=made,
        digest=hashlib.sha256(made).hexdigest(),
        signed_at=now,
        signed_by=by.id,
        signed_by_name=by.name,
    )
    payload = {"to": relation.kind, "kind": kind, "shared": parts, "sha256": letter.digest}
    _audit(course.patient_id, by, "careteam.letter", f"letter:{letter.id}", **payload)
    return letter


def _page(
    by: Actor, course: Course, relation: Relation, kind: str, sections: list[dict[str, Any]], now: dt.datetime
) -> dict[str, Any]:
    site, patient = course.site, course.patient
    return {
        "site": site.name,
        "site_line": " · ".join(filter(None, (site.organisation, site.telephone))),
        "to": relation.name,
        "to_line": " · ".join(filter(None, (str(relation.get_kind_display()), relation.organisation))),
        "date": date_long(now),
        "title": str(Letter.Kind(kind).label).capitalize(),
        "about": f"{patient.name}, {_('born')} {date_long(patient.birth_date)}",
        "sections": sections,
        "signed_by": by.name,
        "signed_line": _("Signed electronically on %(day)s") % {"day": date_long(now)},
        "foot": _("Shared with the patient's agreement. Confidential."),
        "language": "en",
        "paper": "us-letter" if site.jurisdiction == "US" else "a4",
    }


@dataclass(frozen=True)
class NewLetterLink:
    """A link and its token, which is told here and never again."""

    link: LetterLink
    token: str

    @property
    def path(self) -> str:
        return f"/letter/{self.token}/"


@action
def make_link(*, by: Actor, letter: Letter, today: dt.date) -> NewLetterLink | Refusal:
    """A link to a letter for its addressee, for two weeks, while the patient's agreement holds."""
    if not letter.relation.may_share(today):
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "telling this person",
            "the patient's agreement does not hold today",
            next="Ask the patient, and record how they agreed.",
        )
    token, now = new_token(), timezone.now()
    link = LetterLink.objects.create(
        site_id=letter.site_id,
        letter=letter,
        digest=digest_of(token),
        created_at=now,
        expires_at=now + LINK_LASTS,
    )
    _audit(letter.patient_id, by, "careteam.link", f"letter:{letter.id}")
    return NewLetterLink(link, token)


@action
def open_link(*, by: Actor = SEREIN, token: str, today: dt.date) -> Letter | Refusal:
    """The addressee opens the letter. Refused once it has ended, or once the patient no longer agrees."""
    link = (
        LetterLink.objects.select_for_update(of=("self",))
        .select_related("letter__relation", "letter__site")
        .filter(digest=digest_of(token), withdrawn_at=None)
        .first()
    )
    now = timezone.now()
    if link is None or link.expires_at <= now or not link.letter.relation.may_share(today):
        return refuse(Reason.LAPSED, "this link", "", next="Ask the clinic for a new one.")
    link.opened = [*link.opened, now.isoformat()]
    link.save(update_fields=["opened"])
    _audit(
        link.letter.patient_id,
        by,
        "careteam.opened",
        f"letter:{link.letter_id}",
        to=link.letter.relation.kind,
    )
    return link.letter


def open_until(*, token: str, today: dt.date) -> dt.datetime | None:
    """Until when a link opens its letter; None if it does not."""
    link = LetterLink.objects.select_related("letter__relation").filter(digest=digest_of(token)).first()
    if link is None or link.withdrawn_at or link.expires_at <= timezone.now():
        return None
    return link.expires_at if link.letter.relation.may_share(today) else None
