"""Whether the database fits this version of Serein, and whether it is sound."""

from __future__ import annotations

from typing import Literal

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


def fit() -> tuple[Literal["fits", "older", "newer"], list[str]]:
    """ "older": it needs an upgrade; "newer": a later Serein made it, and this one must not touch it."""
    executor = MigrationExecutor(connection)
    known = set(executor.loader.disk_migrations)
    applied = set(MigrationRecorder(connection).applied_migrations())
    apps = {app for app, _ in known}
    ahead = sorted(
        f"{app}.{name}" for app, name in applied - known if app in apps and not _squashed(executor, app, name)
    )
    if ahead:
        return "newer", ahead
    behind = [
        f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]
    return ("older", behind) if behind else ("fits", [])


def _squashed(executor: MigrationExecutor, app: str, name: str) -> bool:
    return any((app, name) in m.replaces for m in executor.loader.disk_migrations.values())


def url() -> str:
    """The database in use, as a URL with the path of its file."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    credentials = (
        f"{settings['USER']}:{settings['PASSWORD']}@" if settings["PASSWORD"] else f"{settings['USER']}@"
    )
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{credentials}{settings['HOST']}{port}/{settings['NAME']}"


def unsound() -> list[str]:
    """What the database itself finds wrong with its file."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        return found + [
            f"{row[0]}: row {row[1]} names a row of {row[2]} that is not there" for row in cursor.fetchall()
        ]
