"""A backup while 200 writes a second are acknowledged, restored elsewhere and verified.

Each write is a whole action: rows, audit events, one durable commit. The rival is the site without a backup running:
what the backup costs the writers is the ratio of their waits. Bar: every write acknowledged before the backup began is
in what is restored, and the audit trail is whole. `DATABASE_URL=postgresql://…` for the other database.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PER_SECOND, SECONDS = 200, 6


def command(data: Path, *words: str, database: str) -> str:
    environment = os.environ | {"SEREIN_DATA": str(data), "DATABASE_URL": database}
    run = subprocess.run(
        [sys.executable, "-m", "serein_web.site", *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        sys.exit(f"{words}: {run.stdout}{run.stderr}")
    return run.stdout


def write_for(seconds: float, label: str, acknowledged: list[tuple[float, str]], waits: list[float]) -> None:
    """As many actions as fit the pace; each is noted once it has come back."""
    from django.utils import timezone

    from serein_web.people.access import SEREIN
    from serein_web.people.models import Site
    from serein_web.tasks.actions import raise_task

    site, began, number = Site.objects.get(), time.perf_counter(), 0
    while (gone := time.perf_counter() - began) < seconds:
        if number > gone * PER_SECOND:
            time.sleep(0.0005)  # the pace, not a wait for something
            continue
        key, start = f"{label}:{number}", time.perf_counter()
        raise_task(
            by=SEREIN, site=site, kind="office", title="bench", role="nurse", deadline=timezone.now(), key=key
        )
        waits.append(1000 * (time.perf_counter() - start))
        acknowledged.append((time.time(), key))
        number += 1


def main() -> None:
    postgresql = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory(prefix="serein-bench-") as folder:
        data, elsewhere = Path(folder) / "site", Path(folder) / "elsewhere"
        database = postgresql or "sqlite:///"
        command(
            data, "init", "--organisation=Bench", "--site=Bench", "--jurisdiction=UK", "--time-zone=Europe/London",
            "--telephone=1", "--chairs=1", "--administrator=A Bench", "--administrator-email=a@example.org",
            "--prescriber=B Bench", "--prescriber-email=b@example.org", "--medical-director=B Bench",
            "--medical-director-email=b@example.org", "--host=localhost", f"--database={database}",
            database=database,
        )  # fmt: skip
        os.environ |= {"SEREIN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "serein_web.settings.site"}
        import django

        django.setup()
        alone: list[float] = []
        write_for(SECONDS, "alone", [], alone)
        acknowledged: list[tuple[float, str]] = []
        beside: list[float] = []
        writer = threading.Thread(target=write_for, args=(SECONDS, "beside", acknowledged, beside))
        writer.start()
        time.sleep(1.5)  # so that writes are under way when the backup begins
        began = time.time()
        said = command(data, "backup", database=database)
        writer.join()
        target = database
        if postgresql:
            subprocess.run(["psql", "-q", "-d", postgresql, "-c", "CREATE DATABASE elsewhere"], check=True)
            target = postgresql.rpartition("/")[0] + "/elsewhere"
        file = next((data / "backups").glob("*.age"))
        command(
            data,
            "restore",
            str(file),
            f"--into={elsewhere}",
            f"--key={data / 'backup-key'}",
            f"--database={target}",
            database=target,
        )
        verified = command(elsewhere, "verify", database=target)
        there = set(command_keys(elsewhere, target))
        before = [key for at, key in acknowledged if at < began]
        lost = [key for key in before if key not in there]
        print(f"{'PostgreSQL' if postgresql else 'SQLite'}: {said.splitlines()[0]}")
        print(
            f"writes acknowledged before the backup began: {len(before)}, in the restored site: {len(before) - len(lost)}, lost: {len(lost)}"
        )
        print(f"verify: {verified.strip()}")
        for name, waits in (("alone", alone), ("beside the backup", beside)):
            waits.sort()
            print(
                f"a write {name:<18} {len(waits) / SECONDS:5.0f}/s  median {statistics.median(waits):5.2f} ms  99th {waits[int(len(waits) * 0.99)]:6.2f} ms"
            )
        print(f"ratio of medians {statistics.median(beside) / statistics.median(alone):.2f}")
        sys.exit(1 if lost else 0)


def command_keys(data: Path, database: str) -> list[str]:
    code = "import django; django.setup(); from serein_web.tasks.models import Task; print(*Task.objects.values_list('key', flat=True), sep='\\n')"
    environment = os.environ | {"SEREIN_DATA": str(data), "DATABASE_URL": database}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()


if __name__ == "__main__":
    main()
