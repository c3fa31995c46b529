"""The only writers of sites, staff and patients."""

from __future__ import annotations

import datetime as dt

from serein.errors import Reason, Refusal, refuse
from serein_web.audit import trail
from serein_web.audit.action import action
from serein_web.people.access import Actor
from serein_web.people.models import Patient, PatientIdentifier, Site, StaffRole, User

LONGEST_LIFE_YEARS = 130  # older than any documented person (122 years): a typing mistake, not a patient


@action
def make_site(
    *, by: Actor, name: str, jurisdiction: str, time_zone: str, telephone: str = "", demo: bool = False
) -> Site:
    site = Site.objects.create(
        name=name, jurisdiction=jurisdiction, time_zone=time_zone, telephone=telephone, demo=demo
    )
    trail.record(
        chain=f"site:{site.id}", by=by, action="site.make", subject=f"site:{site.id}", payload={"name": name}
    )
    return site


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
    patient = Patient.objects.create(
        site=site,
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
