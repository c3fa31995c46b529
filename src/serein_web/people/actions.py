"""The only writers of sites, staff and patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F
from django.utils import timezone

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people import factors
from serein_web.people.access import Actor
from serein_web.people.links import digest_of, new_token
from serein_web.people.models import (
    Authenticator,
    Invitation,
    Jurisdiction,
    Passkey,
    Patient,
    PatientIdentifier,
    Pin,
    RecoveryCode,
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
    now, token = timezone.now(), new_token()
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
    User.objects.filter(id=user.id).update(is_active=False, epoch=F("epoch") + 1)
    Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())


@action
def accept_invitation(*, by: Actor, token: str, password: str) -> User | Refusal:
    """The owner of a log-in sets its password. The link opens once.

    Whoever needed a new link has lost their way in: second factors, recovery codes and PIN go too, and every open
    session ends, as they do with every new password.
    """
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
    gone = {
        kind.__name__.lower(): kind.objects.filter(user=row.user).delete()[0]
        for kind in (Passkey, Authenticator, RecoveryCode, Pin)
    }
    row.user.set_password(password)
    row.user.save(update_fields=["password"])
    trail.record(
        chain=f"site:{row.site_id}",
        by=by,
        action="staff.accept-invitation",
        subject=f"user:{row.user_id}",
        payload={"gone": gone},
    )
    return row.user


def _note(by: Actor, user: User, what: str, **more: object) -> None:
    """What happened to a log-in, in the trail of the site where its owner works, or of the patient whose it is."""
    site = StaffRole.objects.filter(user=user).order_by("id").values_list("site_id", flat=True).first()
    patient = Patient.objects.filter(user=user).values_list("id", flat=True).first()
    chain = f"site:{site}" if site else f"patient:{patient}" if patient else f"user:{user.id}"
    trail.record(chain=chain, by=by, action=f"log-in.{what}", subject=f"user:{user.id}", payload=more)


def _end_sessions(user: User) -> None:
    User.objects.filter(id=user.id).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])


@action
def came_in(*, by: Actor, user: User, how: str) -> User:
    """Somebody has logged in fully, by password, passkey or code: a PIN that was locked opens again."""
    Pin.objects.filter(user=user).update(wrong=0)
    _note(by, user, "came-in", how=how)
    return user


@action
def add_passkey(*, by: Actor, user: User, name: str, made: factors.MadePasskey) -> Passkey | Refusal:
    if not name.strip():
        return refuse(Reason.MISSING, "name")
    if Passkey.objects.filter(credential_id=made.credential_id).exists():
        return refuse(Reason.DUPLICATE, "passkey", name)
    passkey = Passkey.objects.create(
        user=user,
        name=name.strip(),
        credential_id=made.credential_id,
        credential=made.credential,
        counter=made.counter,
        created_at=timezone.now(),
    )
    _note(by, user, "add-passkey", name=passkey.name)
    return passkey


@action
def use_passkey(*, by: Actor, passkey: Passkey, counter: int) -> Passkey | Refusal:
    """A passkey was shown. Refused if its counter went back: a copy of it may be in use."""
    row = Passkey.objects.select_for_update().get(id=passkey.id)
    if (counter or row.counter) and counter <= row.counter:
        return refuse(Reason.NOT_ALLOWED_NOW, "this passkey", row.name, next="Use another way to log in.")
    row.counter, row.used_at = counter, timezone.now()
    row.save(update_fields=["counter", "used_at"])
    return row


@action
def remove_passkey(*, by: Actor, user: User, passkey: Passkey) -> User | Refusal:
    """Take a passkey away; every other open session ends. The last factor of staff of a real site stays."""
    refusal = _refuse_last(user)
    if refusal:
        return refusal
    Passkey.objects.filter(id=passkey.id, user=user).delete()
    return _removed(by, user, "remove-passkey", name=passkey.name)


@action
def add_authenticator(*, by: Actor, user: User, secret: str, code: str) -> Authenticator | Refusal:
    """An authenticator app that has shown one right code; it takes the place of the one before."""
    step = factors.step_of(secret, code, timezone.now().timestamp())
    if step is None:
        return refuse(Reason.NOT_ALLOWED_NOW, "code", "", next="Type the code that the app shows now.")
    Authenticator.objects.filter(user=user).delete()
    row = Authenticator.objects.create(
        user=user, sealed=factors.seal(secret), last_step=step, created_at=timezone.now()
    )
    _note(by, user, "add-authenticator")
    return row


@action
def remove_authenticator(*, by: Actor, user: User) -> User | Refusal:
    refusal = _refuse_last(user)
    if refusal:
        return refusal
    Authenticator.objects.filter(user=user).delete()
    return _removed(by, user, "remove-authenticator")


def _refuse_last(user: User) -> Refusal | None:
    User.objects.select_for_update().get(id=user.id)  # two browsers never take one factor each
    if factors.needs_second(user) and factors.factors_of(user).seconds <= 1:
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "removing this",
            "it is the only second factor",
            next="Add another one first.",
        )
    return None


def _removed(by: Actor, user: User, what: str, **more: object) -> User:
    """Without a second factor the recovery codes stand in for nothing."""
    if not factors.has_second(user):
        RecoveryCode.objects.filter(user=user).delete()
    _end_sessions(user)
    _note(by, user, what, **more)
    return user


@action
def make_recovery_codes(*, by: Actor, user: User) -> list[str] | Refusal:
    """Ten new codes, told here and never again; those of before open nothing any more."""
    if not factors.has_second(user):
        return refuse(
            Reason.NOT_ALLOWED_NOW,
            "recovery codes",
            "there is no second factor",
            next="Set up a passkey or an authenticator app first.",
        )
    RecoveryCode.objects.filter(user=user).delete()
    codes = factors.new_codes()
    for code in codes:
        RecoveryCode.objects.create(user=user, digest=factors.digest_of_code(code))
    _note(by, user, "make-recovery-codes")
    return codes


@action
def check_code(*, by: Actor, user: User, code: str) -> str:
    """How somebody proved their second factor by typing: "app" or "recovery code"; "" if it was wrong.

    Either is taken once.
    """
    now = timezone.now()
    app = Authenticator.objects.select_for_update().filter(user=user).first()
    secret = factors.unseal(app.sealed) if app else None
    step = factors.step_of(secret, code, now.timestamp(), app.last_step) if app and secret else None
    if app and step:
        app.last_step = step
        app.save(update_fields=["last_step"])
        return "app"
    kept = RecoveryCode.objects.filter(user=user, digest=factors.digest_of_code(code), used_at=None)
    if kept.update(used_at=now):
        _note(by, user, "use-recovery-code")
        return "recovery code"
    return ""


@action
def set_pin(*, by: Actor, user: User, pin: str) -> Pin | Refusal:
    """The digits by which somebody unlocks a shared device."""
    if not (pin.isascii() and pin.isdigit()) or len(pin) < factors.SHORTEST_PIN:
        return refuse(Reason.NOT_ALLOWED_NOW, "PIN", "", next="Type six digits or more.")
    if factors.is_too_easy(pin):
        return refuse(Reason.NOT_ALLOWED_NOW, "PIN", "", next="Choose digits that nobody guesses at once.")
    Pin.objects.filter(user=user).delete()
    row = Pin.objects.create(user=user, hash=make_password(pin), set_at=timezone.now())
    _note(by, user, "set-pin")
    return row


@action
def check_pin(*, by: Actor, user: User, pin: str) -> bool:
    """Whether this is their PIN. Five wrong ones in a row lock it until they log in fully.

    The answer is no refusal: that would undo the count.
    """
    row = Pin.objects.select_for_update().filter(user=user).first()
    if row is None or row.wrong >= factors.WRONG_PINS:
        make_password(pin)  # takes as long as a check: how fast we say no tells nothing
        return False
    right = check_password(pin, row.hash)
    row.wrong = 0 if right else row.wrong + 1
    row.save(update_fields=["wrong"])
    if row.wrong >= factors.WRONG_PINS:
        _note(by, user, "lock-pin")
    elif right:
        _note(by, user, "switch-by-pin")
    return right


@action
def change_password(*, by: Actor, user: User, password: str) -> User:
    """A new password; every other open session ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _note(by, user, "change-password")
    return user


@action
def log_out_everywhere(*, by: Actor, user: User) -> User:
    _end_sessions(user)
    _note(by, user, "log-out-everywhere")
    return user


@action
def lose_unsent(*, by: Actor, whose: str, pages: list[str]) -> None:
    """What somebody had sent at a locked device and never came back for is given up, by name."""
    user = User.objects.get(id=by.id)
    _note(by, user, "give-up-unsent", whose=whose, pages=pages)


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
