"""`serein-site review-due` and `serein-site knowledge diff`."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import click

from serein_web.operations.commands import _ready, data_option

demo_option = click.option("--demo", "demo_", is_flag=True, help="The demo site.")


def _on(data: Path | None, demo_: bool) -> None:
    if not demo_:
        _ready(data)
        return
    if data is not None:
        os.environ["SEREIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.demo"
    import django

    django.setup()


class Span(click.ParamType):
    """ "60d" or "8wk"."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.timedelta:
        if isinstance(value, dt.timedelta):
            return value
        found = re.fullmatch(r"\s*(\d{1,4})\s*(d|wk)\s*", str(value))
        if found is None:
            self.fail(f"{value!r} is not a span: write it like 60d or 8wk.", param, ctx)
        return dt.timedelta(days=int(found[1]) * (7 if found[2] == "wk" else 1))


@click.command("review-due")
@data_option
@demo_option
@click.option("--within", type=Span(), default="60d", show_default=True, help="How far to look ahead.")
def review_due(data: Path | None, demo_: bool, within: dt.timedelta) -> None:
    """List what of the knowledge has to be read again, and what lapses: overdue first, then by its day.

    \b
    Examples:
      serein-site review-due
      serein-site review-due --within 365d
    """
    _on(data, demo_)
    from serein_web import knowledge
    from serein_web.guide.shown import due

    today = dt.datetime.now(dt.UTC).date()
    rows = due(knowledge.current(), today + within)
    for row in rows:
        how = "lapses " if row["what"] == "lapses_on" else "overdue" if row["on"] < today else "review "
        if row["what"] == "lapses_on" and row["on"] < today:
            how = "LAPSED "
        click.echo(f"{row['on']}  {how}  {row['title']} [{row['file']}]")
    click.echo(f"{len(rows)} due by {today + within}")


@click.group("knowledge")
def knowledge_() -> None:
    """What another knowledge pack would change here."""


@knowledge_.command("diff")
@data_option
@demo_option
@click.argument("old")
@click.argument("new")
def diff(data: Path | None, demo_: bool, old: str, new: str) -> None:
    """Judge every stored decision on OLD and on NEW, and print which come out otherwise and why. Nothing is written.

    OLD and NEW are each a folder of knowledge files, a stored pack (pack-….json), its hash, or "current". Decisions
    are named by their id and their course: no name leaves the database.

    \b
    Examples:
      serein-site knowledge diff current ~/new-knowledge
      serein-site knowledge diff var/packs/pack-3f….json current
    """
    _on(data, demo_)
    from serein.cli.knowledge import pack_at
    from serein_web import knowledge
    from serein_web.operations.knowledge_review import compare, stored_decisions

    packs = [
        knowledge.current() if where == "current" else pack_at(where, name, knowledge.store())
        for where, name in ((old, "OLD"), (new, "NEW"))
    ]
    count = 0
    for changed in compare(*packs):
        count += 1
        stored, (was, is_) = changed.stored, changed.conclusion
        then = stored.decision.question.at
        turned = f"{was} -> {is_}" if was != is_ else f"{was} still"
        click.echo(
            f"{then:%Y-%m-%d %H:%M} UTC  {stored.what}  {turned}  decision {stored.id}, course {stored.course}"
        )
        for line in changed.why:
            click.echo(f"    {line}")
    total = sum(1 for _ in stored_decisions())
    click.echo(f"{count} of {total} stored decisions would come out otherwise")


COMMANDS = (review_due, knowledge_)
