"""serein screen: a record in, a decision that explains itself out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import click

from serein.cli.extra_facts import read_extra_facts
from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.moment import parse_moment
from serein.cli.refused import Refused
from serein.errors import Reason, Refusal, refuse
from serein.fhir import LIMIT_BYTES, Imported, read_bundle
from serein.knowledge.types import Knowledge, Substance
from serein.logic import Statement
from serein.pathway.screening import decide
from serein.safety.decision import Jurisdiction, Setting, canonical

USUAL_ROUTE: dict[str, str] = {"ketamine": "intravenous", "esketamine": "nasal"}
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
A_DAY = dt.timedelta(days=1)


@click.command("screen")
@click.argument("bundle", type=FILE)
@click.option("--product", type=click.Choice(get_args(Substance)), default="ketamine", show_default=True)
@click.option("--route", help="Such as intravenous or nasal.  [default: the product's usual one]")
@click.option("--setting", type=click.Choice(get_args(Setting)), default="clinic", show_default=True)
@click.option("--jurisdiction", type=click.Choice(get_args(Jurisdiction)), default="US", show_default=True)
@click.option("--facts", "facts", type=FILE, help="JSON with facts that the record does not have.")
@click.option(
    "--at", required=True, metavar="TIME|last", help='"last": the day after the record\'s last entry.'
)
@click.option("--json", "as_json", is_flag=True, help="The whole decision, to keep and to replay.")
def command(
    bundle: Path,
    product: Substance,
    route: str | None,
    setting: Setting,
    jurisdiction: Jurisdiction,
    facts: Path | None,
    at: str,
    as_json: bool,
) -> None:
    """May this person be treated? BUNDLE is a FHIR R4 bundle of one patient, in JSON.

    The answer is exclude, refer, incomplete or eligible, with every rule that fires or cannot be judged.

    \b
    Examples:
      serein screen record.json --at 2026-11-22T09:00Z
      serein screen record.json --product esketamine --jurisdiction EU --at last --json > decision.json
      serein screen record.json --at last --facts extra.json
    where extra.json holds
      {"facts": {"pregnancy": "no", "systolic_pressure": "128 mmHg"}, "at": "2026-11-22T08:30Z"}
    """
    knowledge = knowledge_in_use()
    moment = None if at == "last" else _or_refused(parse_moment(at, "--at"))
    taken = _route(route, product, knowledge)
    imported = _imported(bundle, knowledge, moment)
    if moment is None:
        assert imported.last_entry is not None  # a record without any dated entry was refused
        moment = _day_after(imported.last_entry)
    decision = decide(
        statements=imported.statements + _extra(facts, knowledge, moment),
        product=product,
        route=taken,
        setting=setting,
        jurisdiction=jurisdiction,
        at=moment,
        knowledge=knowledge,
        not_understood=imported.not_understood,
    )
    if as_json:
        click.echo(canonical(decision))
        return
    from serein.cli.told import told  # only people read it

    click.echo("\n".join(told(decision, imported.identity, knowledge)))


def _or_refused(parsed: dt.datetime | Refusal) -> dt.datetime:
    if isinstance(parsed, Refusal):
        raise Refused(parsed)
    return parsed


def _day_after(last_entry: dt.datetime) -> dt.datetime:
    try:
        return last_entry + A_DAY
    except OverflowError:  # the record's last entry is of the last day that there is
        raise Refused(refuse(Reason.NOT_A_TIME, "The record's last entry", last_entry)) from None


def _route(route: str | None, product: Substance, knowledge: Knowledge) -> str:
    """The route asked for, if it is known and the product can be given by it."""
    wanted = route or USUAL_ROUTE[product]
    possible = sorted(key for key, known in knowledge.routes.items() if product in known.products)
    if wanted not in possible:
        raise Refused(refuse(Reason.NOT_KNOWN_HERE, "--route", wanted, allowed=", ".join(possible)))
    return wanted


def _imported(bundle: Path, knowledge: Knowledge, at: dt.datetime | None) -> Imported:
    size = bundle.stat().st_size
    if size > LIMIT_BYTES:  # before it is read
        limit = f"{LIMIT_BYTES / 1e6:.0f} MB"
        raise Refused(refuse(Reason.TOO_LARGE, "The file", f"{size / 1e6:.1f} MB", limit=limit))
    imported = read_bundle(bundle.read_bytes(), knowledge, at=at)
    if isinstance(imported, Refusal):
        raise Refused(imported)
    return imported


def _extra(path: Path | None, knowledge: Knowledge, at: dt.datetime) -> tuple[Statement, ...]:
    if path is None:
        return ()
    read = read_extra_facts(path, knowledge, at)
    if isinstance(read, list):
        raise Refused(read)
    return read
