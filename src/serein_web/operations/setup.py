"""Setting up a site in an empty data folder: settings, keys, certificate, database, the first people."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from serein_web.operations import backup, certificates
from serein_web.settings import file as settings_file

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody answered. `listen` None: every network of the machine, unless only this machine is named."""

    organisation: str
    name: str
    jurisdiction: str
    time_zone: str
    telephone: str
    chairs: int
    administrator: str
    administrator_email: str
    prescriber: str
    prescriber_email: str
    medical_director: str
    medical_director_email: str
    hosts: tuple[str, ...]
    listen: str | None
    port: int
    crisis_lines: tuple[str, ...]
    database: str
    backup_folder: str

    def lines(self) -> list[dict[str, str]]:
        """The crisis lines as a site keeps them."""
        pairs = [line.rpartition(":") for line in self.crisis_lines]
        return [
            {
                "name": name.strip(),
                "number": number.strip(),
                "tel": re.sub(r"[^0-9+]", "", number),
                "note": "",
            }
            for name, _, number in pairs
        ]


def refused(data: Path, wanted: Wanted) -> list[str]:
    """Why nothing is set up: each value with its reason. Empty if all is well."""
    problems = []
    if settings_file.path(data).exists() or (data / "serein.sqlite3").exists():
        problems.append(f"{data} holds a site already. Take another folder: serein-site init --data FOLDER")
    if wanted.time_zone not in available_timezones():
        problems.append(
            f"time zone {wanted.time_zone!r} is not known. Write it as Europe/London, America/New_York."
        )
    problems += [f"host {h!r} is no name or address" for h in wanted.hosts if not HOST.fullmatch(h)]
    for what in ("administrator", "prescriber", "medical_director"):
        address = getattr(wanted, f"{what}_email")
        if not EMAIL.fullmatch(address):
            problems.append(f"{what.replace('_', ' ')}: {address!r} is no e-mail address")
        if not getattr(wanted, what).strip():
            problems.append(f"{what.replace('_', ' ')}: the name is missing")
    problems += [
        f'crisis line {line!r} lacks its number: write "name: number"'
        for line in wanted.crisis_lines
        if not re.search(r":.*\d", line)
    ]
    for what in ("organisation", "name", "telephone"):
        if not getattr(wanted, what).strip():
            problems.append(f"{what}: it is missing")
    if not wanted.database.startswith(("sqlite:///", "postgresql://")):
        problems.append("database: it begins with sqlite:/// or postgresql://")
    return problems


def set_up(data: Path, wanted: Wanted, now: dt.datetime, *, step: Callable[[str], None]) -> Iterator[str]:
    """Set the site up, all of it or nothing of the people in it; what to print for whoever set it up."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["SEREIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.site"
    step("settings")
    file = settings_file.path(data)
    settings = _settings(wanted)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(settings_file.text(settings))
    try:
        step("certificate")
        certificates.ensure(data, settings.hosts, now)
        key = backup.make_key(data)
        step("database")
        links = _fill(wanted, settings)
    except BaseException:
        file.unlink()  # so that the same command can be tried again
        raise
    yield f"Set up in {data}. Nothing of the demo is in it."
    yield "These links open the first log-ins, once, within three days, after `serein-site serve` runs:"
    yield from (f"  {who}: {link}" for who, link in links)
    yield ""
    yield "Write this key on paper and keep it away from this machine; without it no backup opens:"
    yield f"  {key}"


def _settings(wanted: Wanted) -> settings_file.SiteSettings:
    here_only = set(wanted.hosts) <= {"localhost", "127.0.0.1", "::1"}
    return settings_file.SiteSettings(
        hosts=wanted.hosts,
        listen=wanted.listen or ("127.0.0.1" if here_only else "0.0.0.0"),
        port=wanted.port,
        database=wanted.database,
        backup_folder=wanted.backup_folder,
    )


def _fill(wanted: Wanted, settings: settings_file.SiteSettings) -> list[tuple[str, str]]:
    """The database with its site and first people; (who, link) of each invitation."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)

    from serein_web.consent.actions import publish_packaged_documents
    from serein_web.people import actions as people
    from serein_web.people.access import SEREIN
    from serein_web.schedule.actions import add_chair

    with transaction.atomic():
        site = _done(
            people.make_site(
                by=SEREIN,
                name=wanted.name,
                organisation=wanted.organisation,
                jurisdiction=wanted.jurisdiction.upper(),
                time_zone=wanted.time_zone,
                telephone=wanted.telephone,
                crisis_lines=wanted.lines(),
            )
        )
        for number in range(1, wanted.chairs + 1):
            _done(add_chair(by=SEREIN, site=site, name=f"Chair {number}"))
        _done(publish_packaged_documents(by=SEREIN))
        links = []
        for (name, email), roles in _people(wanted).items():
            made = _done(people.invite_staff(by=SEREIN, site=site, full_name=name, email=email, roles=roles))
            links.append(
                (f"{name} ({', '.join(roles)})", f"https://{settings.hosts[0]}:{settings.port}{made.path}")
            )
    return links


def _people(wanted: Wanted) -> dict[tuple[str, str], list[str]]:
    """Each person once, with every role: in a small clinic one person is several of these."""
    from serein_web.people.models import Role

    found: dict[tuple[str, str], list[str]] = {}
    for what, role in (
        ("administrator", Role.ADMINISTRATOR),
        ("prescriber", Role.PRESCRIBER),
        ("medical_director", Role.MEDICAL_DIRECTOR),
    ):
        who = (" ".join(getattr(wanted, what).split()), getattr(wanted, f"{what}_email").strip().lower())
        found.setdefault(who, []).append(role.value)
    return found


def _done(result):
    from serein.errors import Refusal

    if isinstance(result, Refusal):
        raise RuntimeError(str(result))
    return result
