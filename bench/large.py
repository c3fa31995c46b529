"""Every staff page on a large site: 20 000 patients, 200 000 appointments, 2 million rows of the record.

The first call fills a data folder of its own (var/large), on top of the demo; later calls find it filled. The page that
does not exist stands beside the others: what the frame alone costs. Bar: no page over 100 ms at the server.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ["SEREIN_DATA"] = str(ROOT / "var" / "large")
os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.demo"

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from serein_web.courses.models import Course
from serein_web.demo import make
from serein_web.people.models import Patient, Site, User
from serein_web.record.models import Medicine, Problem, Statement
from serein_web.schedule.models import Appointment, Chair
from serein_web.sessionlog.models import Session
from tests.repo.test_house import views

PATIENTS, APPOINTMENTS, ROWS = 20_000, 200_000, 2_000_000
RUNS, BAR_MS = 9, 100
NAMES = (
    "Alder",
    "Birch",
    "Cedar",
    "Elm",
    "Fir",
    "Hazel",
    "Juniper",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
)


def batches(rows: Iterable, size: int = 5_000) -> Iterator[list]:
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def fill() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    list(make.demo(step=lambda text: print(" ", text)))
    site, began = Site.objects.get(), timezone.now()
    if Patient.objects.count() >= PATIENTS:
        return
    patients = [
        Patient(
            site=site,
            given_name=f"{NAMES[i % 12]}{i}",
            family_name=f"Invented-{NAMES[i // 12 % 12]}{i // 144}",
            birth_date=dt.date(1950 + i % 50, 1 + i % 12, 1 + i % 28),
            sex=("female", "male")[i % 2],
        )
        for i in range(PATIENTS)
    ]
    write("patients", Patient, patients)
    chairs = list(Chair.objects.filter(site=site))
    write("appointments", Appointment, appointments(site, patients, chairs, began))
    common = {"site": site, "at": began - dt.timedelta(days=400), "by": "bench", "by_name": "Bench"}
    # The person whose pages are opened has a long record too: about 800 statements, 100 medicines, 100 problems.
    owners = [*patients, *[Course.objects.filter(state="outcomes").first().patient] * 10]
    facts = ("systolic_pressure", "diastolic_pressure", "heart_rate", "weight", "oxygen_saturation")
    statements = ROWS - 400_000
    write("statements", Statement, (
        Statement(**common | {"at": began - dt.timedelta(hours=n % 9000)}, patient=owners[n % len(owners)],
                  fact=facts[n % 5], value=60.0 + n % 60, source="record", because="bench")
        for n in range(statements)
    ))  # fmt: skip
    for model, label in ((Medicine, "medicines"), (Problem, "problems")):
        write(label, model, (
            model(**common, patient=owners[n % len(owners)], display=f"invented {n % 500}", status="active" if n % 3 else "stopped")
            for n in range(200_000)
        ))  # fmt: skip


def appointments(site, patients, chairs, now) -> Iterator[Appointment]:
    """Ten a patient over five years, a day never fuller than a clinic is."""
    for n in range(APPOINTMENTS):
        starts = now - dt.timedelta(days=n % 1700 - 100, minutes=15 * (n // 1700 % 40))
        yield Appointment(
            site=site, patient=patients[n % PATIENTS], kind="session", starts_at=starts,
            ends_at=starts + dt.timedelta(hours=2), chair=chairs[n % len(chairs)],
            status="booked" if starts > now else "left",
        )  # fmt: skip


def write(label: str, model, rows: Iterable) -> None:
    began, count = time.perf_counter(), 0
    for batch in batches(rows):
        model.objects.bulk_create(batch)
        count += len(batch)
        print(f"\r  {label}: {count}", end="", flush=True)
    print(f"\r  {label}: {count} in {time.perf_counter() - began:.0f} s")


def ids() -> dict[str, object]:
    """Ids of the demo's own people, by the names that URLs use."""
    course = Course.objects.filter(state="outcomes").first()
    session = Session.objects.filter(course=course).order_by("-number").first()
    return {
        "course_id": course.id,
        "patient_id": course.patient_id,
        "session_id": session.id,
        "key": "spravato-us-label",
        "fact": "pregnancy",
        "kind": "note",
    }


def main() -> None:
    fill()
    known = ids()
    user = User.objects.get(username="prescriber")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    urls = {"(no such page)": "/no-such-page/"}
    for route, _view in views():
        url = "/" + route
        for name, value in known.items():
            for kind in ("uuid", "slug", "str"):
                url = url.replace(f"<{kind}:{name}>", str(value))
        if "<" not in url and url.startswith("/clinic/"):
            urls[route] = url
    urls["clinic/patients/?find"] = "/clinic/patients/?find=Oak"
    taken: dict[str, list[float]] = {}
    queries: dict[str, int] = {}
    for run in range(RUNS + 1):
        for name, url in urls.items():
            with CaptureQueriesContext(connection) as asked:
                start = time.perf_counter()
                answer = client.get(url)
                spent = 1000 * (time.perf_counter() - start)
            if run and (answer.status_code == 200 or name.startswith("(")):
                taken.setdefault(name, []).append(spent)
                queries[name] = len(asked)
    counts = (Patient.objects.count(), Appointment.objects.count())
    print(
        f"{counts[0]} patients, {counts[1]} appointments, {Statement.objects.count() + Medicine.objects.count() + Problem.objects.count()} rows of the record, {connection.vendor}"
    )
    for name, runs in sorted(taken.items(), key=lambda item: -statistics.median(item[1])):
        print(
            f"{statistics.median(runs):7.1f} ms  (worst {max(runs):7.1f})  {queries[name]:3} queries  {name}"
        )
    slow = [n for n, runs in taken.items() if statistics.median(runs) > BAR_MS]
    print(f"{len(taken)} pages, over {BAR_MS} ms: {', '.join(slow) or 'none'}")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        main()
