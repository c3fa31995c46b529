"""An instrument in another language: only as it was officially published, never translated here."""

from __future__ import annotations

import msgspec

from serein.errors import Reason, Refusal, refuse
from serein.knowledge.types import Instrument, Knowledge

SOURCE_LANGUAGE = "en"


def in_language(instrument: Instrument, knowledge: Knowledge, language: str) -> Instrument | Refusal:
    """The instrument with its published words. Refused: a language in which it is not here."""
    if language == SOURCE_LANGUAGE:
        return instrument
    words = knowledge.words.get(language, {}).get(instrument.key)
    if words is None:
        here = [one for one, known in knowledge.words.items() if instrument.key in known]
        allowed = ", ".join([SOURCE_LANGUAGE, *here])
        return refuse(
            Reason.NOT_KNOWN_HERE, f"{instrument.text.title} in this language", language, allowed=allowed
        )
    replace = msgspec.structs.replace
    return replace(
        instrument,
        text=replace(
            instrument.text,
            stem=words.stem,
            recall=words.recall or instrument.text.recall,
            patient=words.patient or instrument.text.patient,
        ),
        items=tuple(replace(i, text=t) for i, t in zip(instrument.items, words.items, strict=True)),
        answers=tuple(replace(a, text=t) for a, t in zip(instrument.answers, words.answers, strict=True)),
        licence=words.licence,
    )


def as_spoken(instrument: Instrument, knowledge: Knowledge, language: str) -> tuple[Instrument, str]:
    """In this language if it is published in it ("es-mx" finds "es"), else in English; and the language that it is."""
    for one in (language, language.split("-")[0]):
        found = in_language(instrument, knowledge, one)
        if not isinstance(found, Refusal):
            return found, one
    return instrument, SOURCE_LANGUAGE
