"""What is wrong with a site, and how to mend it."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from serein_web.operations import backup, certificates, database
from serein_web.settings.file import SiteSettings

FREE_BYTES = 2_000_000_000
PRIVATE = ("secret-key", backup.KEY)


@dataclass(frozen=True)
class Found:
    """One thing that was looked at. `mend` is empty where nothing is wrong."""

    what: str
    says: str
    mend: str = ""
    stops: bool = False
    """Serein must not serve before it is mended."""

    @property
    def good(self) -> bool:
        return not self.mend


def all_of(data: Path, settings: SiteSettings, now: dt.datetime) -> list[Found]:
    """Everything, the worst first."""
    found = [f for check in CHECKS for f in check(data, settings, now)]
    return sorted(found, key=lambda f: (f.good, not f.stops))


def _database(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    fits, names = database.fit()
    mend = {
        "fits": "",
        "older": "Run `serein-site upgrade`: it makes a backup first.",
        "newer": "A later Serein made this database. Install that version again, or restore a backup of this one.",
    }[fits]
    said = "fits this version" if fits == "fits" else f"{fits} than this version ({', '.join(names[:3])})"
    yield Found("Database", said, mend, stops=bool(mend))


def _certificate(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    own = not settings.certificate
    chain = certificates.server_files(data)[0] if own else Path(settings.certificate)
    if not chain.exists():
        mend = "Run `serein-site init`." if own else "Correct `certificate` in the settings."
        yield Found("Certificate", f"{chain} is not there", mend, stops=not own)
        return
    ends, hosts = certificates.describe(chain)
    missing = sorted(set(settings.hosts) - hosts)
    days = (ends - now).days
    mend = ""
    if missing:
        mend = "Restart Serein: it makes a new one." if own else "Ask for a certificate with these names."
    elif days < certificates.RENEW_DAYS:
        mend = "Restart Serein: it renews its own." if own else "Renew it where you got it."
    said = f"ends on {ends:%Y-%m-%d}" + (f", lacks {', '.join(missing)}" if missing else "")
    yield Found("Certificate", said, mend)


def _backup(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    last = backup.status(data)
    if last is None:
        yield Found(
            "Backup", "none yet", "Run `serein-site backup`, and switch the timer on (`serein-site systemd`)."
        )
        return
    hours = (now - last.at).total_seconds() / 3600
    said = f"{hours:.0f} h old, {last.bytes / 1e6:.1f} MB, {'proved by a trial restore' if last.proved else 'NOT proved'}"
    mend = ""
    if not last.proved:
        mend = f"Look at what the trial restore said: {'; '.join(last.faults[:2])}"
    elif hours > settings.backup_hours:
        mend = "Run `serein-site backup`, and look why the timer did not."
    yield Found("Backup", said, mend)
    if not settings.backup_folder:
        yield Found("Backup folder", "on the same disk as the site", "Set `backup_folder` to another disk.")


def _ticker(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    if database.fit()[0] != "fits":
        return
    from serein_web.ticker.queries import silent_since

    since = silent_since(now)
    said = (
        "ticks"
        if since is None
        else "has never ticked"
        if since.year == 1
        else f"silent since {since:%H:%M} UTC"
    )
    mend = (
        ""
        if since is None
        else "Start Serein (`serein-site serve`); if it runs, look at its log for a failed job."
    )
    yield Found("Ticker", said, mend)


def _files(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    for name in PRIVATE:
        file = data / name
        open_to = file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
        if not file.exists():
            yield Found(name, "not there", "Run `serein-site init`.")
        else:
            yield Found(
                name, "readable by others" if open_to else "private", f"chmod 600 {file}" if open_to else ""
            )
    free = shutil.disk_usage(data).free
    yield Found(
        "Disk",
        f"{free / 1e9:.1f} GB free",
        "" if free > FREE_BYTES else "Make room: a full disk stops charting.",
    )


def _knowledge(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    from serein.errors import KnowledgeError
    from serein_web import knowledge

    try:
        pack = knowledge.current()
    except KnowledgeError as wrong:
        yield Found("Knowledge", str(wrong), "Correct the file, or take back its last change.", stops=True)
        return
    yield Found("Knowledge", f"{len(pack.rules)} rules, pack {pack.hash[:12]}")


def _people(data: Path, settings: SiteSettings, now: dt.datetime) -> Iterator[Found]:
    if database.fit()[0] != "fits":
        return
    from serein_web.people.models import Role, Site, StaffRole

    sites = list(Site.objects.filter(demo=False))
    if not sites:
        yield Found("Site", "none", "Run `serein-site init`.", stops=True)
    for site in sites:
        there = set(StaffRole.objects.filter(site=site, user__is_active=True).values_list("role", flat=True))
        lacking = [Role(r).label for r in (Role.ADMINISTRATOR, Role.PRESCRIBER) if r not in there]
        mend = "Invite one: log in as administrator, Site, Staff." if lacking else ""
        yield Found(site.name, f"no {' and no '.join(map(str, lacking))}" if lacking else "staffed", mend)
    if Site.objects.filter(demo=True).exists():
        yield Found(
            "Demo",
            "invented people are in this database",
            "Use a data folder of its own for the demo.",
            stops=True,
        )


CHECKS: tuple[Callable[[Path, SiteSettings, dt.datetime], Iterator[Found]], ...] = (
    _database,
    _knowledge,
    _people,
    _certificate,
    _backup,
    _ticker,
    _files,
)
