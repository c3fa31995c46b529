"""serein score: the answers of a questionnaire, or a total taken elsewhere, in; its score out."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.errors import Reason, Refusal, refuse
from serein.instruments import Answers, Score, parse_answers, parse_total, score
from serein.instruments.score import SENTENCES
from serein.knowledge.types import Instrument, Knowledge


@click.command("score", context_settings={"ignore_unknown_options": True})
@click.argument("instrument")
@click.argument("answers", nargs=-1, metavar="ANSWER...")
@click.option("--total", metavar="N", help="The total, of an instrument whose items are not shipped.")
@click.option("--part", "parts", metavar="KEY=N", multiple=True, help="A sub-score taken with the total.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    instrument: str, answers: tuple[str, ...], total: str | None, parts: tuple[str, ...], as_json: bool
) -> None:
    """Score the answers of INSTRUMENT, one ANSWER for each item; - for one left out.

    Of an instrument whose items are not shipped, only the total is scored: --total, with --part for its sub-scores.
    `serein questionnaire` lists all instruments.

    \b
    Examples:
      serein score gad-7 1 2 3 0 1 2 1
      serein score PHQ-9 1 2 1 0 - 0 2 1 0 --json
      serein score ham-a --total 23
      serein score lsas-sr --total 70 --part fear=40 --part avoidance=30
    """
    knowledge = knowledge_in_use()
    known = named_instrument(instrument, knowledge)
    given = _given(known, answers, total, parts)
    if isinstance(given, Refusal):
        raise Refused(given)
    result = score(known, given)
    if as_json:
        click.echo(msgspec.json.encode(_as_json(result, known, knowledge)))
    else:
        click.echo("\n".join(_as_lines(result, known)))


def _given(
    known: Instrument, answers: tuple[str, ...], total: str | None, parts: tuple[str, ...]
) -> Answers | Refusal:
    if total is None and not (known.score_only and parts):
        if parts:
            return refuse(Reason.MISSING, "--total")
        return parse_answers(known, answers)
    if total is None or answers:
        return refuse(
            Reason.WRONG_COUNT, known.text.title, str(len(answers)), expected="either answers or --total"
        )
    read: dict[str, str] = {}
    for part in parts:
        key, _, value = part.partition("=")
        if key in read:
            return refuse(Reason.DUPLICATE, "--part", part)
        read[key] = value
    return parse_total(known, total, read)


def named_instrument(written: str, knowledge: Knowledge) -> Instrument:
    """By key, in any case, with or without its hyphens."""
    for key, known in knowledge.instruments.items():
        if _plain(key) == _plain(written):
            return known
    allowed = ", ".join(sorted(knowledge.instruments))
    raise Refused(refuse(Reason.NOT_KNOWN_HERE, "INSTRUMENT", written, allowed=allowed))


def _plain(key: str) -> str:
    return key.lower().replace("-", "").replace("_", "")


def _total(result: Score) -> int | float | None:
    if result.total is not None and result.total.is_integer():
        return int(result.total)
    return result.total


def _as_json(result: Score, known: Instrument, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "instrument": result.instrument,
        "total": _total(result),
        "band": result.band,
        "minimum": known.minimum,
        "maximum": known.maximum,
        "answers": result.answers.values,
        "answered": result.answered,
        "missing": result.missing,
        "prorated": result.prorated,
        "safety": result.safety,
        "why_no_total": result.why_no_total,
        "parts": result.parts,
        "evidence": known.evidence,
        "knowledge": knowledge.hash,
    }


def _as_lines(result: Score, known: Instrument) -> list[str]:
    if result.why_no_total is not None:
        lines = [f"{known.text.title}: no total. {SENTENCES[result.why_no_total]}"]
    else:
        band = next((f", {b.text} [{b.name}]" for b in known.bands if b.name == result.band), "")
        lines = [f"{known.text.title}: {_total(result)} of {known.maximum}{band}"]
    lines += [f"{p.text}: {result.parts[p.key]} of {p.maximum}" for p in known.parts if p.key in result.parts]
    if result.missing:
        left_out = ", ".join(str(n) for n in result.missing)
        lines.append(f"left out: item {left_out}{' (prorated)' if result.prorated else ''}")
    if result.safety == "positive":
        lines.append("The safety item is positive: a clinician must see this person's answers now.")
    if result.safety == "unknown":
        lines.append("The safety item was left out: a clinician must ask.")
    return lines
