"""Makes the demo site, all of it or nothing: people who do not exist, at every stage, seen from now."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from serein_web import knowledge
from serein_web.consent.actions import publish_packaged_documents
from serein_web.demo import clock
from serein_web.demo.bundle import record
from serein_web.demo.treatment import DAY, HOUR, MINUTE, Programme, Staff, done
from serein_web.enquiry.actions import match_patient, request_consultation
from serein_web.people import actions as people
from serein_web.people.access import SEREIN
from serein_web.people.middleware import actor_of
from serein_web.people.models import Patient, Role, Site, User
from serein_web.schedule.actions import add_chair, book
from serein_web.schedule.models import Chair
from serein_web.screening.actions import decline, import_bundle

PASSWORD = "harbour-demo-2026"
"""Printed with every log-in: nobody in a demo is real, and it is served on this machine only."""
Step = Callable[[str], None]


@dataclass(frozen=True)
class LogIn:
    username: str
    name: str
    what: str
    roles: tuple[str, ...] = ()


STAFF = (
    LogIn("prescriber", "Dr Miriam Demo-Vale", "prescriber", (Role.PRESCRIBER,)),
    LogIn("nurse", "Jonas Demo-Reed", "nurse", (Role.NURSE,)),
    LogIn("nurse2", "Aisha Demo-Lake", "second nurse, reads dose and pump", (Role.NURSE,)),
    LogIn("desk", "Tom Demo-Quay", "front desk", (Role.FRONT_DESK,)),
    LogIn("admin", "Greta Demo-Ford", "administrator", (Role.ADMINISTRATOR,)),
    LogIn("director", "Dr Ines Demo-Frost", "medical director", (Role.MEDICAL_DIRECTOR,)),
    LogIn("researcher", "Lev Demo-Moor", "researcher", (Role.RESEARCHER,)),
)
PATIENTS = (
    LogIn("mona", "Mona Demo-Dale", "patient who may read and sign consent"),
    LogIn("hugo", "Hugo Demo-Iver", "patient with questionnaires to answer"),
)


def demo(step: Step) -> Iterable[str]:
    """Make the demo unless it is there; the lines that tell how to log in."""
    if not Site.objects.filter(demo=True).exists():
        with transaction.atomic():
            _make(timezone.now(), step)
    return [
        "Log in with one of these names; the password of all is " + PASSWORD,
        *(f"  {who.username:<11} {who.name}, {who.what}" for who in (*STAFF, *PATIENTS)),
    ]


def _make(now: dt.datetime, step: Step) -> None:
    step("demo: the clinic, its staff and its documents")
    knew = now - 60 * DAY
    with clock.at(knew):
        programme = _programme()
        chairs = [add_chair(by=SEREIN, site=programme.site, name=f"Chair {n}") for n in (1, 2, 3)]
        done(publish_packaged_documents(by=programme.staff.prescriber))
    _duty(programme, now)
    step("demo: people before treatment")
    _before_treatment(programme, now)
    step("demo: people after treatment")
    _after_treatment(programme, now)
    step("demo: people in treatment today")
    _today(programme, now, chairs)


def _duty(programme: Programme, now: dt.datetime) -> None:
    """Nurse and prescriber on duty around now, the prescriber on call for the days after."""
    for username, kind, begins, ends in (
        ("nurse", "duty", -4, 8),
        ("nurse2", "duty", -4, 8),
        ("prescriber", "duty", -4, 8),
        ("prescriber", "call", 8, 7 * 24),
    ):
        with clock.at(now - DAY):
            done(
                people.add_shift(
                    by=SEREIN,
                    site=programme.site,
                    user=User.objects.get(username=username),
                    kind=kind,
                    starts_at=now + begins * HOUR,
                    ends_at=now + ends * HOUR,
                )
            )


def _programme() -> Programme:
    site = people.make_site(
        by=SEREIN,
        name="Harbour Clinic (demo)",
        jurisdiction="US",
        time_zone="America/New_York",
        telephone="555 0100",
        demo=True,
    )
    users = {
        who.username: done(
            people.add_staff(
                by=SEREIN,
                site=site,
                username=who.username,
                full_name=who.name,
                password=PASSWORD,
                roles=list(who.roles),
            )
        )
        for who in STAFF
    }
    staff = Staff(*(actor_of(users[name]) for name in ("prescriber", "nurse", "nurse2", "desk")))
    return Programme(site, staff, knowledge.current())


def _patient(
    programme: Programme, given: str, family: str, born: tuple[int, int, int], sex: str, at: dt.datetime
) -> Patient:
    """A patient; with a log-in if the list of log-ins has their name."""
    with clock.at(at):
        patient = done(
            people.register_patient(
                by=programme.staff.desk,
                site=programme.site,
                given_name=given,
                family_name=family,
                birth_date=dt.date(*born),
                sex=sex,
                telephone="555 0100",
                today=at.date(),
                identifiers=(("urn:serein:demo", f"{given}-{family}"),),
            )
        )
        for who in PATIENTS:
            if who.name == patient.name:
                done(
                    people.open_account(
                        by=programme.staff.desk, patient=patient, username=who.username, password=PASSWORD
                    )
                )
    return patient


def _before_treatment(programme: Programme, now: dt.datetime) -> None:
    """Enquiry, screening (twice), consent, plan, and somebody who was told that it is not for them."""
    otto = _patient(programme, "Otto", "Demo-Lowe", (1959, 2, 20), "male", now - 20 * DAY)
    course = programme.begin(otto, now - 19 * DAY)
    programme.note(course, now - 19 * DAY, signed=True)
    programme.answer(course, now - 19 * DAY + HOUR, dementia_or_delirium=True)
    with clock.at(now - 18 * DAY):
        done(
            decline(
                by=programme.staff.prescriber, course=course, reason="Dementia: sent to the memory clinic."
            )
        )

    paul = _patient(programme, "Paul", "Demo-Eaton", (1978, 9, 3), "male", now - 12 * DAY)
    course = programme.begin(paul, now - 11 * DAY)
    programme.note(course, now - 11 * DAY, signed=True)
    programme.accept(course, now - 11 * DAY + HOUR)
    programme.sign_consent(course, now - 9 * DAY)
    programme.draft(course, now - 2 * HOUR)

    mona = _patient(programme, "Mona", "Demo-Dale", (1990, 5, 11), "female", now - 8 * DAY)
    course = programme.begin(mona, now - 7 * DAY)
    programme.note(course, now - 7 * DAY, signed=True)
    programme.accept(course, now - 7 * DAY + HOUR)

    theo = _patient(programme, "Theo", "Demo-Cole", (1969, 12, 1), "male", now - 3 * DAY)
    programme.note(programme.begin(theo, now - 2 * DAY), now - 2 * DAY, signed=False)

    _imported(programme, now)
    with clock.at(now - 3 * HOUR):
        _enquiry(programme, "Nora", "Demo-Asher")


def _imported(programme: Programme, now: dt.datetime) -> None:
    """Somebody who asked, was matched, and whose record another clinic sent."""
    with clock.at(now - 4 * DAY):
        asked = _enquiry(programme, "Iris", "Demo-Birch")
    iris = _patient(programme, "Iris", "Demo-Birch", (1984, 7, 30), "female", now - 3 * DAY)
    with clock.at(now - 3 * DAY + MINUTE):
        done(match_patient(by=programme.staff.desk, request=asked, patient=iris))
    course = programme.begin(iris, now - 2 * DAY)
    data = record(iris.given_name, iris.family_name, iris.birth_date, iris.sex, now)
    with clock.at(now - DAY):
        done(
            import_bundle(
                by=programme.staff.nurse, course=course, title="record from elsewhere.json", data=data
            )
        )
        done(
            book(
                by=programme.staff.desk,
                patient=iris,
                kind="consultation",
                starts_at=_later_today(programme, now, 2 * HOUR),
                minutes=45,
                course_id=course.id,
            )
        )


def _enquiry(programme: Programme, given: str, family: str):
    return done(
        request_consultation(
            by=SEREIN,
            id=uuid.uuid4(),
            site=programme.site,
            given_name=given,
            family_name=family,
            telephone="555 0100",
            email="",
            reach_by="after four in the afternoon",
        )
    )


def _after_treatment(programme: Programme, now: dt.datetime) -> None:
    """Six sessions with falling scores; a follow-up with questionnaires; a follow-up with a worrying answer."""
    june = _patient(programme, "June", "Demo-Kerr", (1973, 3, 14), "female", now - 40 * DAY)
    first = _morning(programme, now, days_ago=24)
    course = programme.ready(june, first)
    programme.score(course, first - DAY, 17, 15)
    for n, starts_at in enumerate(programme.book_series(course, first)):
        if n:
            programme.next_session(course, starts_at - 2 * HOUR)
        programme.whole_session(course, starts_at)
        programme.score(course, starts_at + DAY, (14, 12, 9, 8, 6, 4)[n], (13, 11, 10, 8, 7, 5)[n])
    programme.to_outcomes(course, now - 2 * DAY)
    programme.letter(course, now - DAY)

    hugo = _patient(programme, "Hugo", "Demo-Iver", (1982, 11, 22), "male", now - 25 * DAY)
    first = _morning(programme, now, days_ago=8)
    course = programme.ready(hugo, first)
    programme.score(course, first - DAY, 16, 12)
    programme.whole_session(course, first)
    programme.score(course, first + DAY, 13, 11)
    programme.next_session(course, first + 3 * DAY)
    programme.whole_session(course, first + 4 * DAY)
    programme.ask(course, now - DAY)

    vera = _patient(programme, "Vera", "Demo-Moss", (1995, 1, 8), "female", now - 20 * DAY)
    first = _morning(programme, now, days_ago=3)
    course = programme.ready(vera, first)
    programme.score(course, first - DAY, 19, 18)
    programme.whole_session(course, first)
    programme.score(course, now - 30 * MINUTE, 18, 19, item9=1)


def _today(programme: Programme, now: dt.datetime, chairs: list[Chair]) -> None:
    """One booked for later, one whose dose runs, one who recovers."""
    lena = _patient(programme, "Lena", "Demo-Finch", (1987, 6, 2), "female", now - 15 * DAY)
    later = _later_today(programme, now, 90 * MINUTE)
    course = programme.ready(lena, now - DAY)
    programme.score(course, now - DAY, 15, 11)
    programme.book_session(course, later, now - DAY, chairs[2])

    ravi = _patient(programme, "Ravi", "Demo-Grant", (1991, 10, 17), "male", now - 15 * DAY)
    arrived = now - 38 * MINUTE
    course = programme.ready(ravi, arrived)
    programme.score(course, arrived - DAY, 18, 14)
    programme.book_session(course, arrived, now - 2 * DAY, chairs[0])
    session = programme.arrive(course, arrived, chairs[0])
    programme.dose(session, arrived + 15 * MINUTE, now)
    programme.chart(session, now - 4 * MINUTE, "note", text="Invented. Eyes closed, hand held, feels safe.")

    ada = _patient(programme, "Ada", "Demo-Hart", (1966, 8, 9), "female", now - 15 * DAY)
    arrived = now - 95 * MINUTE
    course = programme.ready(ada, arrived)
    programme.score(course, arrived - DAY, 16, 13)
    programme.book_session(course, arrived, now - 2 * DAY, chairs[1])
    session = programme.arrive(course, arrived, chairs[1])
    programme.dose(session, arrived + 15 * MINUTE, now)
    programme.chart(
        session,
        now - 20 * MINUTE,
        "symptom",
        term="nausea",
        grade=1,
        onset=(now - 22 * MINUTE).isoformat(),
        action="ondansetron 4 mg",
    )


def _morning(programme: Programme, now: dt.datetime, *, days_ago: int) -> dt.datetime:
    """Ten in the morning at the clinic, so many days ago."""
    zone = ZoneInfo(programme.site.time_zone)
    day = now.astimezone(zone).date() - dt.timedelta(days=days_ago)
    return dt.datetime.combine(day, dt.time(10), zone).astimezone(dt.UTC)


def _later_today(programme: Programme, now: dt.datetime, after: dt.timedelta) -> dt.datetime:
    """In a while, to the quarter of an hour, but still on the clinic's calendar day."""
    zone = ZoneInfo(programme.site.time_zone)
    there = now.astimezone(zone)
    last = dt.datetime.combine(there.date(), dt.time(23, 30), zone)
    wanted = (there + after).replace(second=0, microsecond=0)
    wanted -= wanted.minute % 15 * MINUTE
    return min(wanted, last).astimezone(dt.UTC)
