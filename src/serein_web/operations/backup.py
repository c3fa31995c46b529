"""Backups: a copy of everything while the site is in use, encrypted, and proved by restoring it on trial.

One file is one backup: a tar in the `age` format (https://age-encryption.org), so that `age -d` and `tar` open it
without Serein. The key is made once in the data folder and belongs on paper too: without it no backup opens.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

KEY = "backup-key"
MANIFEST, DATABASE, RESTORED_FROM = "manifest.json", "database", "restored-from.json"
STATUS = "last-backup.json"
LEFT_OUT = {"static", "backups", KEY, STATUS}
"""In the data folder, and not in a backup: what is made anew, older backups, and the key that opens this one."""
SUFFIX = ".tar.age"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. `seal` is the end of the audit trail that it must contain."""

    at: dt.datetime
    version: str
    database: str
    """"sqlite" or "postgresql"."""
    seal_seq: int
    seal_digest: str
    files: dict[str, str]
    """SHA-256 by path."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The last attempt, as the administrator sees it."""

    at: dt.datetime
    file: str
    bytes: int
    proved: bool
    faults: tuple[str, ...]
    seconds: float


class Failed(Exception):
    """A backup or a restore that did not come to its end; the text says why and what to do."""


def make_key(data: Path) -> str:
    """The key of the backups, made at the first call: "AGE-SECRET-KEY-…"."""
    from pyrage import x25519

    if not (data / KEY).exists():
        keep_key(data, str(x25519.Identity.generate()))
    return (data / KEY).read_text().strip()


def keep_key(data: Path, key: str) -> None:
    """The key of a site that was restored is the key of the backups it makes."""
    file = data / KEY
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"{key}\n")


def folder_of(data: Path, setting: str) -> Path:
    return Path(setting) if setting else data / "backups"


def status(data: Path) -> Status | None:
    """The last attempt at a backup; None before the first, or if what is kept of it is not readable."""
    try:
        return msgspec.json.decode((data / STATUS).read_bytes(), type=Status)
    except (OSError, msgspec.DecodeError):
        return None


def back_up(
    data: Path, folder: Path, database_url: str, *, now: dt.datetime, kept: int, trial: bool = True
) -> Status:
    """Write a backup, prove it by a trial restore, note how it went, and let the oldest go.

    A backup that could not be proved stays, beside its faults. Without a `trial` (before an upgrade: this version
    does not know the database) it counts as not proved. Raises `Failed` if none could be written.
    """
    from serein_web.audit.verify import end_of_seals

    began = dt.datetime.now(dt.UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"serein-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    seal = end_of_seals()
    with _workplace(data) as work:
        kind = _copy_database(database_url, work / DATABASE)
        _copy_files(data, work)
        digests = {p.relative_to(work).as_posix(): _digest(p) for p in sorted(work.rglob("*")) if p.is_file()}
        manifest = Manifest(
            at=now,
            version=_version(),
            database=kind,
            seal_seq=seal[0],
            seal_digest=seal[1],
            files=digests,
        )
        (work / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        _seal(work, target, make_key(data))
    faults = prove(target, make_key(data), database_url) if trial else ["not tried"]
    done = Status(
        at=now,
        file=target.name,
        bytes=target.stat().st_size,
        proved=not faults,
        faults=tuple(faults[:20]),
        seconds=(dt.datetime.now(dt.UTC) - began).total_seconds(),
    )
    _write(data / STATUS, msgspec.json.encode(done))
    for old in sorted(folder.glob(f"serein-*{SUFFIX}"))[:-kept]:
        old.unlink()
    return done


def prove(file: Path, key: str, database_url: str) -> list[str]:
    """Restore a backup on trial, beside the site, and verify it there; the faults, empty if there are none."""
    with tempfile.TemporaryDirectory(prefix="serein-trial-") as folder:
        trial = Path(folder) / "data"
        with _database_for_trial(database_url) as url:
            try:
                restore(file, key, trial, url)
            except Failed as failed:
                return [str(failed)]
            environment = os.environ | {"SEREIN_DATA": str(trial), "DATABASE_URL": url}
            environment.pop("SEREIN_SETTINGS", None)
            command = [
                sys.executable,
                "-m",
                "serein_web.site",
                "verify",
                "--manifest",
                str(trial / RESTORED_FROM),
            ]
            run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            said = [line for line in run.stdout.splitlines() + run.stderr.splitlines() if line.strip()]
            return [] if run.returncode == 0 else said or [f"verify ended with {run.returncode}"]


def restore(file: Path, key: str, into: Path, database_url: str) -> Manifest:
    """Put a backup into an empty folder and, for PostgreSQL, an empty database.

    Raises `Failed`: the folder is not empty, the key does not open the file, a file is not as the manifest says.
    """
    if into.exists() and any(into.iterdir()):
        raise Failed(f"{into} is not empty. Restore into a new folder, then point Serein at it.")
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _open(file, key, into)
        manifest = msgspec.json.decode((into / MANIFEST).read_bytes(), type=Manifest)
        for name, digest in manifest.files.items():
            if not (into / name).is_file() or _digest(into / name) != digest:
                raise Failed(
                    f"{name} in {file.name} is missing or not as it was written. Take an older backup."
                )
        for entry in sorted((into / "files").iterdir()):
            entry.rename(into / entry.name)
        (into / "files").rmdir()
        (into / MANIFEST).rename(into / RESTORED_FROM)
        _place_database(manifest.database, into, database_url)
    except (OSError, tarfile.TarError, msgspec.DecodeError) as wrong:
        raise Failed(f"{file.name} cannot be restored: {wrong}. Take an older backup.") from None
    return manifest


@contextmanager
def _workplace(data: Path) -> Iterator[Path]:
    """A folder that only the owner reads, inside the data folder: nothing unencrypted is written elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_database(url: str, target: Path) -> str:
    """A consistent copy while others write."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # One step: the copy is one snapshot. In WAL mode a reader keeps no writer waiting.
        file = parts.path[1:]
        with (
            closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return "sqlite"
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={target}", url], "copy the database")
    return "postgresql"


def _place_database(kind: str, into: Path, url: str) -> None:
    copied = into / DATABASE
    if kind == "sqlite":
        copied.rename(into / "serein.sqlite3")
    else:
        _run(
            ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", str(copied)],
            "restore the database",
        )
        copied.unlink()


def _run(command: list[str], what: str) -> None:
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Failed(
            f"{command[0]} is not installed, so Serein could not {what}. Install postgresql-client."
        ) from None
    if run.returncode:
        raise Failed(f"{command[0]} could not {what}: {run.stderr.strip().splitlines()[-1:]}")


@contextmanager
def _database_for_trial(url: str) -> Iterator[str]:
    """For SQLite the file in the trial's own folder; for PostgreSQL a database that is dropped afterwards."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        yield "sqlite:///"
        return
    name = f"serein_trial_{os.getpid()}_{os.urandom(4).hex()}"
    server = urlunsplit(parts._replace(path="/postgres"))
    _run(
        ["psql", "--quiet", "--dbname", server, "--command", f"CREATE DATABASE {name}"],
        "make a trial database",
    )
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _run(
            ["psql", "--quiet", "--dbname", server, "--command", f"DROP DATABASE {name}"],
            "drop the trial database",
        )


def _copy_files(data: Path, work: Path) -> None:
    database = {"serein.sqlite3", "serein.sqlite3-wal", "serein.sqlite3-shm"}
    for entry in sorted(data.iterdir()):
        if entry.name in LEFT_OUT | database or entry.name.startswith(".backup-"):
            continue
        if entry.is_dir():
            shutil.copytree(entry, work / "files" / entry.name)
        else:
            (work / "files").mkdir(exist_ok=True)
            shutil.copy2(entry, work / "files" / entry.name)


def _seal(work: Path, target: Path, key: str) -> None:
    """tar and encrypt into `target`, whole or not at all."""
    from pyrage import encrypt_io, x25519

    recipient = x25519.Identity.from_str(key).to_public()
    plain, partial = work.with_suffix(".tar"), target.with_suffix(".partial")
    try:
        with tarfile.open(plain, "w") as tar:
            tar.add(work, arcname=".")
        with plain.open("rb") as source, partial.open("wb") as out:
            encrypt_io(source, out, [recipient])
            out.flush()
            os.fsync(out.fileno())
        os.chmod(partial, 0o600)
        partial.rename(target)
    finally:
        plain.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def _open(file: Path, key: str, into: Path) -> None:
    from pyrage import DecryptError, IdentityError, decrypt_io, x25519

    plain = into / ".opened.tar"
    try:
        with file.open("rb") as source, plain.open("wb") as out:
            decrypt_io(source, out, [x25519.Identity.from_str(key)])
    except (DecryptError, IdentityError) as wrong:
        plain.unlink(missing_ok=True)
        raise Failed(
            f"The key does not open {file.name}: {wrong}. Use the key of the site that made it."
        ) from None
    with tarfile.open(plain) as tar:
        tar.extractall(into, filter="data")
    plain.unlink()


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _write(file: Path, content: bytes) -> None:
    partial = file.with_suffix(".partial")
    partial.write_bytes(content)
    partial.rename(file)


def _version() -> str:
    from serein import ENGINE

    return ENGINE
