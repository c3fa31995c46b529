"""Sites, staff, patients: who there is, and who may be at which site."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Jurisdiction(models.TextChoices):
    US = "US", _("United States")
    EU = "EU", _("European Union")
    UK = "UK", _("United Kingdom")
    AU = "AU", _("Australia")
    NZ = "NZ", _("New Zealand")


class Role(models.TextChoices):
    """What somebody may be at a site. The permission table is in `access`."""

    PRESCRIBER = "prescriber", _("prescriber")
    NURSE = "nurse", _("nurse")
    FRONT_DESK = "front_desk", _("front desk")
    ADMINISTRATOR = "administrator", _("administrator")
    RESEARCHER = "researcher", _("researcher")
    MEDICAL_DIRECTOR = "medical_director", _("medical director")


class Site(models.Model):
    """A clinic. Everything clinical belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction)
    time_zone = models.CharField(_("time zone"), max_length=60)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    crisis_lines = models.JSONField(default=list, blank=True)
    """Whom to call in a crisis: [{name, number, tel, note}]. Empty: those of the country."""
    demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A log-in: of a member of staff or of a patient. Names of people who left stay in the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    epoch = models.PositiveIntegerField(default=0)
    """Counted on to end every open session of this log-in at once."""

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to stay open: it changes with the password, and with the epoch."""
        words = f"{self.password}:{self.epoch}"
        return salted_hmac("serein.session", words, secret=secret, algorithm="sha256").hexdigest()


class Passkey(models.Model):
    """A second factor and a log-in in one: a key pair that a device holds; we hold the public half."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys")
    name = models.CharField(_("name"), max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)
    """As the browser names it, base64url; at most 1023 bytes (WebAuthn)."""
    credential = models.BinaryField()
    """The attested credential data: id and public key."""
    counter = models.BigIntegerField()
    """How often the device says that it has signed; some always say 0."""
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Authenticator(models.Model):
    """A second factor: an authenticator app that shares a secret with us (TOTP). One a log-in."""

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, primary_key=True, related_name="authenticator"
    )
    sealed = models.TextField()
    """The secret, encrypted with the site's key."""
    last_step = models.BigIntegerField(default=0)
    """The time step of the last code that was taken: a code is taken once."""
    created_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """One of the codes that stand in for a lost second factor, once each. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="people_recovery_code_once"),
        ]


class Pin(models.Model):
    """The digits by which somebody unlocks a shared device where they have logged in that day."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="pin")
    hash = models.CharField(max_length=200)
    wrong = models.PositiveSmallIntegerField(default=0)
    """How often in a row it was typed wrongly; a full log-in begins again at 0."""
    set_at = models.DateTimeField()


class Invitation(models.Model):
    """A link by which somebody opens their own log-in, once. Its token is told when it is made, and never again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=40)
    by_name = models.CharField(max_length=200)

    def is_open(self, now: dt.datetime) -> bool:
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class StaffRole(models.Model):
    """One role of one member of staff at one site."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "site", "role"], name="people_role_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="people_role_known"),
        ]


class Shift(models.Model):
    """Somebody is on duty, or on call, at a site for some hours. A stand-in is a shift of its own.

    A shift is never changed: it is withdrawn, and another one made.
    """

    class Kind(models.TextChoices):
        DUTY = "duty", _("on duty")
        CALL = "call", _("on call")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    instead_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="people_shift_ends_after"
            ),
            models.CheckConstraint(condition=Q(kind__in=["duty", "call"]), name="people_shift_kind_known"),
        ]
        indexes = [models.Index(fields=["site", "starts_at", "ends_at"])]


class ContactBy(models.TextChoices):
    """How a patient may be written to."""

    NOTHING = "", _("nothing: call instead")
    EMAIL = "email", _("e-mail")
    TEXT = "text", _("text message")


class Register(models.TextChoices):
    """The tone of what is written to somebody."""

    WARM = "warm", _("warm")
    FORMAL = "formal", _("formal")


class Patient(models.Model):
    """A person treated or asking to be. `merged_into` is set when two turn out to be one."""

    class Sex(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")
        UNKNOWN = "unknown", _("not known")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    telephone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    contact_by = models.CharField(
        _("may be written to by"), max_length=5, choices=ContactBy, blank=True, default=""
    )
    """As the patient has agreed; empty: nothing is sent, somebody calls or tells them in person."""
    register = models.CharField(_("tone of messages"), max_length=10, choices=Register, default="warm")
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.PROTECT, related_name="patient")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sex__in=["female", "male", "other", "unknown"]), name="people_sex_known"
            ),
        ]
        indexes = [models.Index(fields=["site", "family_name", "given_name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        """What a locked device shows of the name."""
        return " ".join(f"{part[0]}." for part in (self.given_name, self.family_name) if part)


class EmergencyAccess(models.Model):
    """Somebody has opened the record of a patient of another site, for a reason, for an hour ("break glass").

    They may read, not write. The other site's medical director and the patient see it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    """The patient's site."""
    reason = models.TextField()
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["user", "until"])]


class PatientIdentifier(models.Model):
    """A number that some system knows the patient by. A patient has several; each means one person at a site."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(_("system"), max_length=200)
    value = models.CharField(_("value"), max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "system", "value"], name="people_identifier_means_one"),
        ]
