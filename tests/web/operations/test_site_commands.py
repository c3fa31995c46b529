"""`serein-site` from an empty folder: set up, serve over HTTPS, back up, restore elsewhere, verify."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from serein_web.operations import backup
from serein_web.operations.setup import Wanted, refused

NOW = dt.datetime(2026, 11, 25, 8, tzinfo=dt.UTC)
ANSWERS = {
    "organisation": "Invented Trust",
    "site": "Invented Clinic",
    "jurisdiction": "UK",
    "time-zone": "Europe/London",
    "telephone": "555 0100",
    "chairs": "2",
    "administrator": "Ann Invented",
    "administrator-email": "ann@example.org",
    "prescriber": "Pia Invented",
    "prescriber-email": "pia@example.org",
    "medical-director": "Pia Invented",
    "medical-director-email": "pia@example.org",
    "host": "localhost",
}


def run(data: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command on a site of its own: always SQLite, whatever database the suite runs on."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("SEREIN_", "DJANGO_")) and k != "DATABASE_URL"
    }
    options = [f"--{k}={v}" for k, v in more.items()]
    command = [sys.executable, "-m", "serein_web.site", *words, *options]
    return subprocess.run(
        command,
        env=kept | {"SEREIN_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        cwd=data.parent,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("clinic") / "data"
    made = run(data, "init", **ANSWERS)
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("https://localhost:8443/invitation/") == 2
    assert "AGE-SECRET-KEY-" in made.stdout
    return data


def test_a_second_set_up_in_the_same_folder_is_refused_and_changes_nothing(site):
    before = (site / "serein.toml").read_bytes()
    again = run(site, "init", **ANSWERS)
    assert again.returncode == 1
    assert "holds a site already" in again.stderr
    assert (site / "serein.toml").read_bytes() == before


def test_nothing_of_the_demo_is_in_a_site(site):
    with sqlite3.connect(site / "serein.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM people_site WHERE demo").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM people_patient").fetchone() == (0,)
        assert database.execute(
            "SELECT count(*) FROM people_user WHERE password NOT LIKE '!%'"
        ).fetchone() == (0,)


def test_a_backup_is_proved_and_restored_elsewhere_whole(site, tmp_path):
    made = run(site, "backup")
    assert made.returncode == 0, made.stderr
    assert "proved" in made.stdout
    status = backup.status(site)
    assert status is not None
    assert status.proved
    file = site / "backups" / status.file
    assert b"Invented Clinic" not in file.read_bytes()
    into = tmp_path / "elsewhere"
    back = run(site, "restore", str(file), into=str(into), key=str(site / backup.KEY))
    assert back.returncode == 0, back.stderr
    assert run(into, "verify").stdout.startswith("whole")
    for name in ("secret-key", "serein.toml"):
        assert (into / name).read_bytes() == (site / name).read_bytes()


def test_a_backup_does_not_open_with_another_key_or_when_half_of_it_is_missing(site, tmp_path):
    assert run(site, "backup").returncode == 0
    file = site / "backups" / backup.status(site).file
    other = tmp_path / "other-key"
    other.write_text(backup.make_key(tmp_path))
    wrong = run(site, "restore", str(file), into=str(tmp_path / "a"), key=str(other))
    assert (wrong.returncode, "key does not open" in wrong.stderr) == (1, True)
    half = tmp_path / file.name
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    cut = run(site, "restore", str(half), into=str(tmp_path / "b"), key=str(site / backup.KEY))
    assert cut.returncode == 1
    assert "Traceback" not in cut.stderr


def test_a_database_of_a_later_version_is_not_touched(site, tmp_path):
    assert run(site, "backup").returncode == 0
    into = tmp_path / "later"
    file = site / "backups" / backup.status(site).file
    run(site, "restore", str(file), into=str(into), key=str(site / backup.KEY))
    with sqlite3.connect(into / "serein.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '9999_later', '2030-01-01')"
        )
    for command in ("serve", "upgrade", "verify"):
        refused_ = run(into, command)
        assert (refused_.returncode, "later Serein" in refused_.stderr) == (1, True), command


def test_check_says_what_is_wrong_and_how_to_mend_it(site):
    (site / "secret-key").chmod(0o644)
    looked = run(site, "check")
    (site / "secret-key").chmod(0o600)
    assert looked.returncode == 1
    assert "MEND  secret-key: readable by others" in looked.stdout
    assert "chmod 600" in looked.stdout


def test_a_broken_settings_file_stops_every_command_with_its_reason(site):
    file = site / "serein.toml"
    before = file.read_text()
    file.write_text(before.replace("port = 8443", "port = 0"))
    answers = [run(site, command) for command in ("check", "serve", "backup")]
    file.write_text(before)
    for answer in answers:
        assert (answer.returncode, "port" in answer.stderr, "Traceback" in answer.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"time_zone": "London"}, "time zone"),
        ({"hosts": ("bad host",)}, "host"),
        ({"prescriber_email": "pia"}, "prescriber"),
        ({"crisis_lines": ("Samaritans",)}, "crisis line"),
        ({"organisation": " "}, "organisation"),
        ({"database": "mysql://x"}, "database"),
    ],
)
def test_a_wrong_answer_is_refused_before_anything_is_made(tmp_path, changed, named):
    given = {k.replace("-", "_"): v for k, v in ANSWERS.items() if k not in {"site", "host", "chairs"}}
    wanted = Wanted(
        **(
            given
            | {"name": "Clinic", "chairs": 2, "hosts": ("localhost",), "listen": None, "port": 8443}
            | {"crisis_lines": (), "database": "sqlite:///", "backup_folder": ""}
            | changed
        )
    )
    assert any(named in line for line in refused(tmp_path, wanted))


def test_downtime_sheets_are_one_page_that_needs_nothing_else(site, tmp_path):
    out = tmp_path / "downtime.html"
    written = run(site, "downtime-sheets", out=str(out))
    assert written.returncode == 0, written.stderr
    page = out.read_text()
    assert "Invented Clinic" in page
    assert "Nobody is booked today." in page
    assert "<link" not in page
    assert "<script" not in page
