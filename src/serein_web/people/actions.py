"""The only writers of sites, staff and patients."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.models import (
    Invitation,
    Jurisdiction,
    Patient,
    PatientIdentifier,
    Role,
    Shift,
    Site,
    StaffRole,
    User,
)

INVITATION_LASTS = dt.timedelta(days=3)
LONGEST_LIFE_YEARS = 130  # older than any documented person (122 years): a typing mistake, not a patient


@dataclass(frozen=True)
class NewInvitation:
    """An invitation and its token, which is told here and never again."""

    invitation: Invitation
    token: str

    @property
    def path(self) -> str:
        return f"/invitation/{self.token}/"


@action
def make_site(
    *,
    by: Actor,
    name: str,
    jurisdiction: str,
    time_zone: str,
    telephone: str = "",
    organisation: str = "",
    crisis_lines: Sequence[dict[str, str]] = (),
    demo: bool = False,
) -> Site | Refusal:
    """A clinic. Refused: a country or a time zone that is not known, an empty name, a crisis line without number."""
    if not name.strip():
        return refuse(Reason.MISSING, "name of the clinic")
    if jurisdiction not in Jurisdiction.values:
        return refuse(
            Reason.NOT_A_CHOICE, "jurisdiction", jurisdiction, allowed=", ".join(Jurisdiction.values)
        )
    if time_zone not in available_timezones():
        return refuse(Reason.NOT_A_CHOICE, "time zone", time_zone, allowed="names such as Europe/London")
    for line in crisis_lines:
        if not line.get("name", "").strip() or not line.get("tel", "").strip():
            return refuse(Reason.MISSING, "name and number of a crisis line")
    site = Site.objects.create(
        name=name.strip(),
        organisation=organisation.strip(),
        jurisdiction=jurisdiction,
        time_zone=time_zone,
        telephone=telephone,
        crisis_lines=list(crisis_lines),
        demo=demo,
    )
    trail.record(
        chain=f"site:{site.id}", by=by, action="site.make", subject=f"site:{site.id}", payload={"name": name}
    )
    return site


@action
def change_site(
    *, by: Actor, site: Site, organisation: str, telephone: str, crisis_lines: Sequence[dict[str, str]]
) -> Site | Refusal:
    """Who runs the clinic, its telephone, and whom its patients call in a crisis (empty: those of the country)."""
    if not telephone.strip():
        return refuse(Reason.MISSING, "telephone")
    row = Site.objects.select_for_update().get(id=site.id)
    row.organisation, row.telephone = organisation.strip(), telephone.strip()
    row.crisis_lines = list(crisis_lines)
    row.save(update_fields=["organisation", "telephone", "crisis_lines"])
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="site.change",
        subject=f"site:{site.id}",
        payload={"telephone": row.telephone, "crisis_lines": row.crisis_lines},
    )
    return row


@action
def add_staff(
    *, by: Actor, site: Site, username: str, full_name: str, password: str, roles: list[str]
) -> User | Refusal:
    if User.objects.filter(username=username).exists():
        return refuse(Reason.DUPLICATE, "username", username)
    given, _, family = full_name.rpartition(" ")
    user = User.objects.create_user(username=username, password=password, first_name=given, last_name=family)
    for role in roles:
        StaffRole.objects.create(user=user, site=site, role=role)
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="staff.add",
        subject=f"user:{user.id}",
        payload={"roles": sorted(roles)},
    )
    return user


@action
def invite_staff(
    *, by: Actor, site: Site, full_name: str, email: str, roles: list[str]
) -> NewInvitation | Refusal:
    """A log-in that nobody can use yet, with its roles, and the link by which its owner opens it."""
    name, address = " ".join(full_name.split()), email.strip().lower()
    if not name:
        return refuse(Reason.MISSING, "name")
    unknown = [r for r in roles if r not in Role.values]
    if unknown or not roles:
        return refuse(Reason.NOT_A_CHOICE, "role", ", ".join(unknown), allowed=", ".join(Role.values))
    if User.objects.filter(username=address).exists():
        return refuse(Reason.DUPLICATE, "e-mail", address)
    given, _, family = name.rpartition(" ")
    user = User.objects.create_user(username=address, email=address, first_name=given, last_name=family)
    for role in roles:
        StaffRole.objects.create(user=user, site=site, role=role)
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="staff.invite",
        subject=f"user:{user.id}",
        payload={"roles": sorted(roles)},
    )
    return _new_invitation(by, user, site)


def _new_invitation(by: Actor, user: User, site: Site) -> NewInvitation:
    """A fresh link; one that was sent before opens nothing any more."""
    now, token = timezone.now(), secrets.token_urlsafe(32)
    Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    made = Invitation.objects.create(
        user=user,
        site=site,
        digest=digest_of(token),
        created_at=now,
        expires_at=now + INVITATION_LASTS,
        by=by.id,
        by_name=by.name,
    )
    return NewInvitation(made, token)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action
def invite_again(*, by: Actor, user: User, site: Site) -> NewInvitation | Refusal:
    """A new link for somebody who lost theirs, or who has lost their way in."""
    if not user.is_active:
        return refuse(Reason.NOT_ALLOWED_NOW, "inviting", user.name, next="Their access was ended.")
    trail.record(chain=f"site:{site.id}", by=by, action="staff.invite-again", subject=f"user:{user.id}")
    return _new_invitation(by, user, site)


@action
def set_roles(*, by: Actor, user: User, site: Site, roles: list[str]) -> User | Refusal:
    """What somebody may be at a site from now on; nothing ends their access there at once.

    Their name stays in everything they wrote. A site keeps an administrator.
    """
    unknown = [r for r in roles if r not in Role.values]
    if unknown:
        return refuse(Reason.NOT_A_CHOICE, "role", ", ".join(unknown), allowed=", ".join(Role.values))
    others = (
        StaffRole.objects.select_for_update().filter(site=site, role=Role.ADMINISTRATOR).exclude(user=user)
    )
    if Role.ADMINISTRATOR not in roles and not others.filter(user__is_active=True).exists():
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "ending this role",
            "nobody else is administrator here",
            next="Make somebody else administrator first.",
        )
    before = sorted(StaffRole.objects.filter(user=user, site=site).values_list("role", flat=True))
    StaffRole.objects.filter(user=user, site=site).exclude(role__in=roles).delete()
    for role in sorted(set(roles) - set(before)):
        StaffRole.objects.create(user=user, site=site, role=role)
    if not StaffRole.objects.filter(user=user).exists() and not Patient.objects.filter(user=user).exists():
        _end_access(user)
    elif not user.is_active and roles:
        User.objects.filter(id=user.id).update(is_active=True)
    trail.record(
        chain=f"site:{site.id}",
        by=by,
        action="staff.roles",
        subject=f"user:{user.id}",
        payload={"before": before, "after": sorted(roles)},
    )
    return user


LONGEST_SHIFT = dt.timedelta(days=8)  # a week on call and its handover; longer is a slip of the date


@action
def add_shift(
    *,
    by: Actor,
    site: Site,
    user: User,
    kind: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    instead_of: Shift | None = None,
) -> Shift | Refusal:
    """Put somebody on duty or on call. A stand-in ends the shift that they take over."""
    if not StaffRole.objects.filter(user=user, site=site, user__is_active=True).exists():
        return refuse(Reason.NOT_KNOWN_HERE, "member of staff", user.name, allowed="staff of this site")
    if ends_at <= starts_at:
        return refuse(Reason.OUT_OF_RANGE, "until", ends_at, low=starts_at, high=starts_at + LONGEST_SHIFT)
    if ends_at - starts_at > LONGEST_SHIFT:
        return refuse(Reason.OUT_OF_RANGE, "until", ends_at, low=starts_at, high=starts_at + LONGEST_SHIFT)
    same = Shift.objects.filter(user=user, site=site, kind=kind, withdrawn_at=None)
    if same.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        return refuse(Reason.ALREADY_DONE, "this shift", user.name)
    if instead_of is not None:
        withdraw_shift(by=by, shift=instead_of)
    shift = Shift.objects.create(
        site=site,
        user=user,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        instead_of=instead_of,
        by_name=by.name,
    )
    payload = {
        "user": str(user.id),
        "kind": kind,
        "from": starts_at.isoformat(),
        "until": ends_at.isoformat(),
    }
    trail.record(
        chain=f"site:{site.id}", by=by, action="duty.add", subject=f"shift:{shift.id}", payload=payload
    )
    return shift


@action
def withdraw_shift(*, by: Actor, shift: Shift) -> Shift | Refusal:
    if not Shift.objects.filter(id=shift.id, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        return refuse(Reason.ALREADY_DONE, "withdrawing this shift", shift.user.name)
    trail.record(chain=f"site:{shift.site_id}", by=by, action="duty.withdraw", subject=f"shift:{shift.id}")
    return shift


def _end_access(user: User) -> None:
    """No log-in, no open session and no open invitation from this moment on."""
    User.objects.filter(id=user.id).update(is_active=False)
    Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())


@action
def accept_invitation(*, by: Actor, token: str, password: str) -> User | Refusal:
    """The owner of a log-in sets its password. The link opens once."""
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(digest=digest_of(token))
        .first()
    )
    if row is None or not row.is_open(timezone.now()):
        return refuse(Reason.LAPSED, "this invitation", "", next="Ask your administrator for a new one.")
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    row.user.set_password(password)
    row.user.save(update_fields=["password"])
    trail.record(
        chain=f"site:{row.site_id}", by=by, action="staff.accept-invitation", subject=f"user:{row.user_id}"
    )
    return row.user


@action
def register_patient(
    *,
    by: Actor,
    site: Site,
    given_name: str,
    family_name: str,
    birth_date: dt.date,
    today: dt.date,
    sex: str = "unknown",
    telephone: str = "",
    email: str = "",
    contact_by: str = "",
    register: str = "warm",
    identifiers: tuple[tuple[str, str], ...] = (),
) -> Patient | Refusal:
    """A new patient with their identifiers. Refused if an identifier already means somebody here."""
    if birth_date > today:
        return refuse(Reason.IN_THE_FUTURE, "date of birth", birth_date)
    if birth_date.year < today.year - LONGEST_LIFE_YEARS:
        return refuse(
            Reason.OUT_OF_RANGE, "date of birth", birth_date, low=today.year - LONGEST_LIFE_YEARS, high=today
        )
    for system, value in identifiers:
        if PatientIdentifier.objects.filter(site=site, system=system, value=value).exists():
            return refuse(Reason.DUPLICATE, "identifier", system)
    if contact_by and not {"email": email, "text": telephone}[contact_by]:
        return refuse(Reason.MISSING, "e-mail" if contact_by == "email" else "telephone")
    patient = Patient.objects.create(
        site=site,
        contact_by=contact_by,
        register=register,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        sex=sex,
        telephone=telephone,
        email=email,
    )
    for system, value in identifiers:
        PatientIdentifier.objects.create(patient=patient, site=site, system=system, value=value)
    trail.record(
        chain=f"patient:{patient.id}", by=by, action="patient.register", subject=f"patient:{patient.id}"
    )
    return patient


@action
def add_identifier(*, by: Actor, patient: Patient, system: str, value: str) -> PatientIdentifier | Refusal:
    if PatientIdentifier.objects.filter(site=patient.site, system=system, value=value).exists():
        return refuse(Reason.DUPLICATE, "identifier", system)
    identifier = PatientIdentifier.objects.create(
        patient=patient, site=patient.site, system=system, value=value
    )
    trail.record(
        chain=f"patient:{patient.id}",
        by=by,
        action="patient.identify",
        subject=f"patient:{patient.id}",
        payload={"system": system},
    )
    return identifier


@action
def open_account(*, by: Actor, patient: Patient, username: str, password: str) -> User | Refusal:
    """A log-in for a patient."""
    if patient.user_id:
        return refuse(Reason.ALREADY_DONE, "account", patient.name)
    if User.objects.filter(username=username).exists():
        return refuse(Reason.DUPLICATE, "username", username)
    user = User.objects.create_user(
        username=username, password=password, first_name=patient.given_name, last_name=patient.family_name
    )
    Patient.objects.filter(id=patient.id).update(user=user)
    patient.user = user
    trail.record(
        chain=f"patient:{patient.id}", by=by, action="patient.account", subject=f"patient:{patient.id}"
    )
    return user
