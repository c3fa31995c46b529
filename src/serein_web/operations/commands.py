"""The commands of `serein-site` that set a site up and keep it alive."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click


def _ready(data: Path | None = None) -> tuple[Path, Any]:
    """The data folder and the settings of a real site, with Django set up on them."""
    if data is not None:
        os.environ["SEREIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.site"
    from serein_web.settings.file import BadSettings

    try:
        import django

        django.setup()
    except BadSettings as wrong:
        refuse(str(wrong))
    from django.conf import settings

    return settings.DATA, settings.SITE


def _point_at(data: Path, database: str) -> None:
    """The settings of a restored site name the database that it was restored into, not the one it came from."""
    import msgspec

    from serein_web.settings import file

    settings = msgspec.structs.replace(file.read(data), database=database)
    (data / file.NAME).write_text(file.text(settings), encoding="utf-8")


def refuse(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The site's data folder; else SEREIN_DATA, else var/ here.",
)


@click.command()
@data_option
@click.option("--organisation", prompt="Organisation (who runs the clinic)")
@click.option("--site", "name", prompt="Name of the clinic")
@click.option(
    "--jurisdiction",
    prompt="Country of law",
    type=click.Choice(["US", "EU", "UK", "AU", "NZ"], case_sensitive=False),
)
@click.option("--time-zone", prompt="Time zone, such as Europe/London")
@click.option("--telephone", prompt="Telephone of the clinic, day and evening")
@click.option("--chairs", prompt="How many treatment chairs", type=click.IntRange(1, 60))
@click.option("--administrator", prompt="First administrator: full name")
@click.option("--administrator-email", prompt="… and e-mail")
@click.option("--prescriber", prompt="First prescriber: full name")
@click.option("--prescriber-email", prompt="… and e-mail")
@click.option(
    "--medical-director",
    prompt="Medical director: full name",
    help="The prescriber's name if it is the same person.",
)
@click.option("--medical-director-email", prompt="… and e-mail")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    help="Name or address by which browsers reach this machine (more than one may be given).",
)
@click.option("--listen", help="Address to listen on; every network of this machine if left out.")
@click.option("--port", type=click.IntRange(1, 65535), default=8443, show_default=True)
@click.option(
    "--crisis-line", "crisis_lines", multiple=True, help='"name: number", instead of those of the country.'
)
@click.option(
    "--database", default="sqlite:///", show_default=True, help="Or postgresql://user:password@host/name."
)
@click.option("--backup-folder", default="", help="On another disk.")
def init(data: Path | None, hosts: tuple[str, ...], crisis_lines: tuple[str, ...], **given: Any) -> None:
    """Set up a site in an empty data folder, and print the links by which its first people open their log-ins.

    \b
    serein-site init
    serein-site init --data /var/lib/serein --host clinic.local --host 192.168.1.10
    """
    from serein_web.operations.setup import Wanted, refused, set_up

    folder = Path(data or os.environ.get("SEREIN_DATA") or "var").resolve()
    if not hosts:
        hosts = tuple(
            click.prompt(
                "Names or addresses of this machine, with spaces between", default=_own_name()
            ).split()
        )
    wanted = Wanted(hosts=hosts, crisis_lines=crisis_lines, **given)
    problems = refused(folder, wanted)
    if problems:
        refuse(*problems)
    for line in set_up(folder, wanted, now(), step=lambda text: click.echo(f"  {text}", err=True)):
        click.echo(line)


def _own_name() -> str:
    import socket

    return socket.gethostname()


@click.command("settings")
@data_option
def settings_(data: Path | None) -> None:
    """Print the settings in use, every value explained: the whole settings file as it could stand."""
    from serein_web.settings import file

    click.echo(file.text(_ready(data)[1]), nl=False)


@click.command()
@data_option
def check(data: Path | None) -> None:
    """Say what is wrong with the site and how to mend it. Exit 1 if anything is."""
    from serein_web.operations.check import all_of

    folder, site = _ready(data)
    found = all_of(folder, site, now())
    for one in found:
        click.echo(f"{'good' if one.good else 'STOP' if one.stops else 'MEND'}  {one.what}: {one.says}")
        if one.mend:
            click.echo(f"      {one.mend}")
    sys.exit(0 if all(one.good for one in found) else 1)


@click.command()
@data_option
def backup(data: Path | None) -> None:
    """Back up everything while the site is in use, and prove it by a trial restore. Exit 1 if it is not proved."""
    from serein_web.operations import backup as backups
    from serein_web.operations import database

    folder, site = _ready(data)
    try:
        done = backups.back_up(
            folder,
            backups.folder_of(folder, site.backup_folder),
            database.url(),
            now=now(),
            kept=site.backups_kept,
        )
    except backups.Failed as failed:
        refuse(str(failed))
    click.echo(f"{done.file}: {done.bytes / 1e6:.1f} MB in {done.seconds:.1f} s")
    for fault in done.faults:
        click.echo(f"  {fault}", err=True)
    if not done.proved:
        refuse("The trial restore did not come out right. Keep the backup before this one.")
    click.echo("proved: restored on trial, database sound, audit whole")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="A new data folder.")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, exists=True),
    help="File with the backup key; asked for if left out.",
)
@click.option(
    "--database", default="sqlite:///", show_default=True, help="For PostgreSQL: an empty database."
)
def restore(file: Path, into: Path, key_file: Path | None, database: str) -> None:
    """Put a backup into a new data folder.

    \b
    serein-site restore serein-20261125T021500Z.tar.age --into /var/lib/serein-new
    """
    from serein_web.operations import backup as backups

    key = (
        key_file.read_text().strip()
        if key_file
        else getpass.getpass("Backup key (AGE-SECRET-KEY-…): ").strip()
    )
    try:
        manifest = backups.restore(file, key, into, database)
    except backups.Failed as failed:
        refuse(str(failed))
    backups.keep_key(into, key)
    if manifest.database != "sqlite":
        _point_at(into, database)
    click.echo(f"Restored the site as it was at {manifest.at:%Y-%m-%d %H:%M} UTC into {into}.")
    click.echo(f"Look at it: serein-site verify --data {into}; serein-site check --data {into}")


@click.command()
@data_option
@click.option(
    "--manifest", type=click.Path(path_type=Path, exists=True), help="What a backup says must be there."
)
def verify(data: Path | None, manifest: Path | None) -> None:
    """Verify the database and the whole audit trail; name what was altered, deleted or moved. Exit 1 if anything was."""
    _ready(data)
    import msgspec

    from serein_web.audit.verify import end_of_seals, faults, faults_since
    from serein_web.operations import database
    from serein_web.operations.backup import Manifest

    fits, names = database.fit()
    if fits == "newer":
        refuse(f"A later Serein made this database ({', '.join(names[:3])}). Verify it with that version.")
    found = [*database.unsound(), *faults()]
    if manifest is not None:
        noted = msgspec.json.decode(manifest.read_bytes(), type=Manifest)
        found += faults_since(noted.seal_seq, noted.seal_digest)
    for line in found:
        click.echo(line)
    if found:
        refuse(f"{len(found)} faults. Keep this database as it is, and tell the medical director.")
    seq, digest = end_of_seals()
    click.echo(f"whole: {seq} seals, the last {digest[:16]}")


@click.command()
@data_option
def upgrade(data: Path | None) -> None:
    """After installing a new version: back up, bring the database up to date, check."""
    folder, site = _ready(data)
    from serein_web.operations import backup as backups
    from serein_web.operations import database

    fits, names = database.fit()
    if fits == "newer":
        refuse(f"A later Serein made this database ({', '.join(names[:3])}). Install that version again.")
    if fits == "fits":
        click.echo("The database fits this version; nothing to do.")
    else:
        try:
            done = backups.back_up(
                folder,
                backups.folder_of(folder, site.backup_folder),
                database.url(),
                now=now(),
                kept=site.backups_kept,
                trial=False,
            )
        except backups.Failed as failed:
            refuse(str(failed), "Nothing was changed.")
        click.echo(f"  backup: {done.file}")
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        click.echo(f"  database: {len(names)} steps")
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    click.echo("Restart Serein: systemctl restart serein")


@click.command()
@data_option
@click.option("--user", default="serein", show_default=True)
@click.option(
    "--write",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the units into this folder instead.",
)
def systemd(data: Path | None, user: str, write: Path | None) -> None:
    """Print the systemd units: Serein at boot, a backup every night.

    \b
    sudo serein-site systemd --write /etc/systemd/system
    """
    from serein_web.operations import backup as backups
    from serein_web.operations.systemd import units

    folder, site = _ready(data)
    for name, text in units(folder, backups.folder_of(folder, site.backup_folder), user).items():
        if write:
            (write / name).write_text(text)
            click.echo(write / name)
        else:
            click.echo(f"# {name}\n{text}")


@click.command()
@data_option
@click.option(
    "--demo", "demo_", is_flag=True, help="Serve the demo site, over plain HTTP on this machine only."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of the one in the settings.")
def serve(data: Path | None, demo_: bool, port: int | None) -> None:
    """Serve the site until it is stopped with Ctrl-C: over HTTPS, with the certificate of the settings."""
    from serein_web.operations import serving

    if demo_:
        serving.demo(port or 8000)
        return
    folder, site = _ready(data)
    from serein_web.operations import database

    fits, names = database.fit()
    if fits == "newer":
        refuse(
            f"A later Serein made this database ({', '.join(names[:3])}).",
            "Install that version again, or restore a backup of this one: serein-site restore.",
        )
    if fits == "older":
        refuse(f"The database needs an upgrade ({len(names)} steps).", "Run: serein-site upgrade")
    serving.site(folder, site, now(), port or site.port, say=click.echo)


@click.command("downtime-sheets")
@data_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="On another machine."
)
def downtime_sheets(data: Path | None, out: Path) -> None:
    """Write today's downtime sheets as one page that any browser prints. For a timer, onto another machine.

    \b
    serein-site downtime-sheets --out /mnt/reception/downtime.html
    """
    _ready(data)
    from django.contrib.staticfiles import finders
    from django.template.loader import render_to_string
    from django.utils import timezone

    from serein_web.chart.views import downtime_page
    from serein_web.people.models import Site

    page = downtime_page(Site.objects.order_by("name"), timezone.now())
    styles = [Path(str(finders.find(f"ui/{name}.css"))).read_text() for name in ("tokens", "serein")]
    text = render_to_string("chart/downtime_alone.html", page | {"styles": "\n".join(styles)})
    partial = out.with_suffix(".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    partial.rename(out)
    click.echo(f"{out}: {sum(len(s['sheets']) for s in page['sites'])} patients")


@click.command()
@data_option
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(data: Path | None, folder: Path) -> None:
    """Write everything into a new folder: FHIR R4 by type, every table whole, the documents. Not encrypted.

    \b
    serein-site export /mnt/usb/clinic
    """
    _ready(data)
    from serein_web import knowledge
    from serein_web.operations.export import export as export_all

    try:
        counts = export_all(folder, knowledge.current(), now())
    except FileExistsError:
        refuse(f"{folder} is not empty. Name a new folder.")
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>8}  {name}")


COMMANDS = (init, settings_, check, backup, restore, verify, upgrade, systemd, downtime_sheets, export, serve)
