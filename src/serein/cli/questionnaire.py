"""serein questionnaire: an instrument as a FHIR Questionnaire, and answers in and out of QuestionnaireResponses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import click
import msgspec

from serein.cli.knowledge_in_use import knowledge_in_use
from serein.cli.refused import Refused
from serein.cli.score import named_instrument
from serein.errors import Reason, Refusal, refuse
from serein.fhir.questionnaire import LIMIT_BYTES, answers_in, questionnaire
from serein.instruments import score
from serein.knowledge.types import Knowledge


@click.command("questionnaire")
@click.argument("key", required=False)
@click.option("--language", default="en", show_default=True, help="Where it is published in it, such as es.")
@click.option(
    "--answers", type=click.File("rb"), help="Score this QuestionnaireResponse (FHIR R4 JSON; - reads stdin)."
)
def command(key: str | None, language: str, answers: BinaryIO | None) -> None:
    """Print the instrument KEY as a FHIR R4 Questionnaire. Without KEY, list all instruments.

    An instrument whose wording is not shipped has one question: its total, and its sub-scores.

    \b
    Examples:
      serein questionnaire
      serein questionnaire pcl-5
      serein questionnaire phq-9 --language es
      serein questionnaire gad-7 --answers response.json
    """
    knowledge = knowledge_in_use()
    if key is None:
        click.echo("\n".join(_all(knowledge)))
        return
    known = named_instrument(key, knowledge)
    found: Any
    if answers is None:
        found = questionnaire(known, knowledge, language)
    else:
        given = answers_in(_json(answers), known)
        found = given if isinstance(given, Refusal) else score(known, given)
    if isinstance(found, Refusal):
        raise Refused(found)
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))


def _json(file: BinaryIO) -> Any:
    content = file.read(LIMIT_BYTES + 1)
    if len(content) > LIMIT_BYTES:
        raise Refused(
            refuse(Reason.TOO_LARGE, "--answers", f"{len(content)} bytes", limit=f"{LIMIT_BYTES} bytes")
        )
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(refuse(Reason.NOT_JSON, "--answers", error)) from None


def _all(knowledge: Knowledge) -> Iterator[str]:
    width = max(map(len, knowledge.instruments))
    for key, known in sorted(knowledge.instruments.items()):
        what = {"sum": "items", "total-only": "total only", "ratings": "ratings"}[known.scoring]
        languages = ["en"] + [one for one, words in knowledge.words.items() if key in words]
        spoken = f" ({', '.join(languages)})" if known.items else ""
        yield f"{key:{width}}  {known.minimum} to {known.maximum}, {known.rater}, {what}{spoken}"
