"""The cast of the tests: a prescriber, a nurse, a front desk, a patient here, a patient elsewhere who must never
see anything, a researcher, an administrator. All invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.test import Client
from django.utils import timezone

from serein_web.courses.actions import move, open_course
from serein_web.courses.models import Course
from serein_web.people import actions
from serein_web.people.access import SEREIN, Actor
from serein_web.people.middleware import actor_of
from serein_web.people.models import Patient, Role, Site, User

PASSWORD = "invented-for-tests-only"


@dataclass
class Cast:
    """Everybody, with a log-in and an actor each."""

    site: Site
    elsewhere: Site
    users: dict[str, User]
    patient: Patient
    stranger: Patient

    def actor(self, name: str) -> Actor:
        return actor_of(User.objects.get(id=self.users[name].id))

    def client(self, name: str | None = None) -> Client:
        """A browser with this person logged in; None is an anonymous visitor."""
        client = Client(raise_request_exception=True)
        if name is not None:
            client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def course(self, patient: Patient | None = None, state: str = "screening") -> Course:
        """An open course, in a stage. A stage past screening is set by hand, as its own tests do the journey."""
        course = open_course(
            by=self.actor("prescriber"),
            patient=patient or self.patient,
            indication="generalised anxiety disorder",
            product="ketamine",
            route="intravenous",
        )
        move(by=self.actor("prescriber"), course=course, name="begin-screening")
        if state != "screening":
            Course.objects.filter(id=course.id).update(state=state)
        course.refresh_from_db()
        return course


def assemble() -> Cast:
    """Two sites and their people."""
    site = actions.make_site(
        by=SEREIN, name="Harbour Clinic (invented)", jurisdiction="US", time_zone="America/New_York"
    )
    elsewhere = actions.make_site(
        by=SEREIN, name="Hill Clinic (invented)", jurisdiction="UK", time_zone="Europe/London"
    )
    users = {role.value: _staff(site, role.value, [role.value]) for role in Role}
    users["second_nurse"] = _staff(site, "second_nurse", ["nurse"])
    users["other_prescriber"] = _staff(elsewhere, "other_prescriber", ["prescriber", "nurse", "front_desk"])
    patient = _patient(site, "Ada", "Invented", "female")
    stranger = _patient(elsewhere, "Eve", "Elsewhere", "male")
    users["patient"] = actions.open_account(by=SEREIN, patient=patient, username="patient", password=PASSWORD)
    users["stranger"] = actions.open_account(
        by=SEREIN, patient=stranger, username="stranger", password=PASSWORD
    )
    return Cast(site, elsewhere, users, patient, stranger)


def _staff(site: Site, name: str, roles: list[str]) -> User:
    return actions.add_staff(
        by=SEREIN,
        site=site,
        username=name,
        full_name=f"{name.replace('_', ' ').title()} Invented",
        password=PASSWORD,
        roles=roles,
    )


def _patient(site: Site, given: str, family: str, sex: str) -> Patient:
    return actions.register_patient(
        by=SEREIN,
        site=site,
        given_name=given,
        family_name=family,
        birth_date=dt.date(1985, 4, 12),
        sex=sex,
        today=timezone.localdate(),
        identifiers=(("urn:serein:test", f"{given}-1"),),
    )
