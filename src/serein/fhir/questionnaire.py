"""Instruments as FHIR R4 Questionnaires, and answers as QuestionnaireResponses, in and out.

Source: the R4 pages of Questionnaire and QuestionnaireResponse (hl7.org/fhir/R4). A code stands only where the
instrument's file has one; an option without a code carries its value under our own address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from serein.errors import Reason, Refusal, refuse
from serein.fhir.elements import Json, items, mapping, number, word
from serein.instruments import Answers, parse_answers, parse_total
from serein.instruments.score import MISSING
from serein.instruments.words import in_language
from serein.knowledge.types import AnswerOption, Instrument, Item, Knowledge

BASE = "https://serein.example/fhir"
"""Addresses of resources and codes that are only ours; `.example` is nobody's domain."""
LIMIT_BYTES = 1_000_000
LOINC = "http://loinc.org"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
MIN, MAX = (f"http://hl7.org/fhir/StructureDefinition/{name}Value" for name in ("min", "max"))
TOTAL = "total"
DEEPEST = 20
"""Groups inside groups that are followed in other people's responses."""


def questionnaire(instrument: Instrument, knowledge: Knowledge, language: str = "en") -> Json | Refusal:
    """The Questionnaire of an instrument. Refused: a language in which it is not published here."""
    known = in_language(instrument, knowledge, language)
    if isinstance(known, Refusal):
        return known
    found: Json = {
        "resourceType": "Questionnaire",
        "url": canonical(instrument),
        "version": knowledge.hash[:12],
        "name": "".join(part.capitalize() for part in instrument.key.split("-")),
        "title": known.text.title,
        "language": language,
        "status": "active",
        "subjectType": ["Patient"],
        "copyright": known.licence,
    }
    if instrument.loinc_panel:
        found["code"] = [{"system": LOINC, "code": instrument.loinc_panel}]
    if known.text.stem:
        found["description"] = known.text.stem
    found["item"] = _totals(known) if known.score_only else [_asked(known, item) for item in known.items]
    return found


def canonical(instrument: Instrument) -> str:
    return f"{BASE}/Questionnaire/{instrument.key}"


def link_id(instrument: Instrument, item: Item) -> str:
    return f"{instrument.key}.{item.number}"


def _asked(instrument: Instrument, item: Item) -> Json:
    found: Json = {"linkId": link_id(instrument, item), "prefix": str(item.number), "text": item.text}
    if item.loinc:
        found["code"] = [{"system": LOINC, "code": item.loinc}]
    options = [{"valueCoding": _option(instrument, option)} for option in instrument.answers]
    return found | {"type": "choice", "required": False, "answerOption": options}


def _option(instrument: Instrument, option: AnswerOption) -> Json:
    system = LOINC if option.loinc else f"{BASE}/CodeSystem/{instrument.key}"
    return {
        "extension": [{"url": ORDINAL, "valueDecimal": option.value}],
        "system": system,
        "code": option.loinc or str(option.value),
        "display": option.text,
    }


def _totals(instrument: Instrument) -> list[Json]:
    total = _whole(TOTAL, instrument.text.title, instrument.minimum, instrument.maximum)
    if instrument.loinc_total:
        total["code"] = [{"system": LOINC, "code": instrument.loinc_total}]
    return [total | {"required": True}] + [
        _whole(part.key, part.text, part.minimum, part.maximum) for part in instrument.parts
    ]


def _whole(link: str, text: str, low: int, high: int) -> Json:
    limits = [{"url": MIN, "valueInteger": low}, {"url": MAX, "valueInteger": high}]
    return {"linkId": link, "text": text, "type": "integer", "required": False, "extension": limits}


def response(instrument: Instrument, answers: Answers, at: dt.datetime, subject: str = "") -> Json:
    """The QuestionnaireResponse of these answers, given at `at` (with its time zone). An item left out is absent.

    `subject` is a reference such as "Patient/123".
    """
    found: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": canonical(instrument),
        "status": "completed",
        "authored": at.isoformat(timespec="seconds"),
        "item": _answered_totals(answers) if instrument.score_only else _answered(instrument, answers),
    }
    if subject:
        found["subject"] = {"reference": subject}
    if not found["item"]:
        del found["item"]  # FHIR knows no empty list
    return found


def _answered(instrument: Instrument, answers: Answers) -> list[Json]:
    options = {option.value: option for option in instrument.answers}
    return [
        {
            "linkId": link_id(instrument, item),
            "text": item.text,
            "answer": [{"valueCoding": _option(instrument, options[value])}],
        }
        for item, value in zip(instrument.items, answers.values, strict=True)
        if value is not None
    ]


def _answered_totals(answers: Answers) -> list[Json]:
    given = [(TOTAL, answers.values[0]), *answers.parts.items()]
    return [{"linkId": key, "answer": [{"valueInteger": v}]} for key, v in given if v is not None]


def answers_in(resource: Any, instrument: Instrument) -> Answers | Refusal:
    """The answers of a QuestionnaireResponse to this instrument, ours or another system's.

    An item is known by our link or by its LOINC code as link; its answer by the option's code, its ordinal value, or
    a whole number. Refused: anything that is not a response, is of another questionnaire, is not completed, has no
    item of this instrument, or has one answered twice or with what is none of its answers. A whole questionnaire
    that is answered without one of the items is taken with that item left out.
    """
    raw = mapping(resource)
    if raw.get("resourceType") != "QuestionnaireResponse":
        return refuse(Reason.NOT_FHIR, "the answers", raw.get("resourceType") or type(resource).__name__)
    if (status := word(raw.get("status"))) not in ("completed", "amended"):
        return refuse(Reason.NOT_A_CHOICE, "status of the answers", status, allowed="completed, amended")
    named = word(raw.get("questionnaire")).split("|")[0]
    if named.startswith(BASE) and named != canonical(instrument):
        return refuse(Reason.MISMATCH, "the questionnaire", named, next=f"Use {canonical(instrument)}.")
    given: dict[str, list[Json]] = {}
    for one in _flat(raw.get("item"), DEEPEST):
        given.setdefault(word(one.get("linkId")).strip("/"), []).extend(items(one.get("answer")))
    return _totals_in(given, instrument) if instrument.score_only else _items_in(given, instrument)


def _flat(raw: Any, depth: int) -> Iterable[Json]:
    for one in items(raw) if depth else ():
        yield one
        yield from _flat(one.get("item"), depth - 1)


def _items_in(given: dict[str, list[Json]], instrument: Instrument) -> Answers | Refusal:
    read, seen = [], 0
    for item in instrument.items:
        title = f"{instrument.text.title} item {item.number}"
        answered = [a for link in {link_id(instrument, item), item.loinc} - {""} for a in given.get(link, [])]
        if len(answered) > 1:
            return refuse(Reason.DUPLICATE, title, f"{len(answered)} answers")
        seen += len(answered)
        read.append(_value(answered[0], instrument) if answered else MISSING)
    if not seen:
        return refuse(Reason.MISSING, f"every item of the {instrument.text.title}")
    return parse_answers(instrument, read)


def _value(answer: Json, instrument: Instrument) -> str:
    """What `parse_answers` takes for this answer; what is none of the options stays as it is, to be refused."""
    coding = mapping(answer.get("valueCoding"))
    code = word(coding.get("code"))
    for option in instrument.answers:
        ours = word(coding.get("system")) == f"{BASE}/CodeSystem/{instrument.key}" and code == str(
            option.value
        )
        if ours or (option.loinc and code == option.loinc):
            return str(option.value)
    for extension in items(coding.get("extension")):
        if extension.get("url") == ORDINAL:
            return _digits(extension.get("valueDecimal"))
    return _digits(answer.get("valueInteger")) if "valueInteger" in answer else code or "?"


def _digits(raw: Any) -> str:
    value = number(raw)
    return str(int(value)) if value is not None and value.is_integer() else str(raw)[:40] or "?"


def _totals_in(given: dict[str, list[Json]], instrument: Instrument) -> Answers | Refusal:
    read: dict[str, str] = {}
    for key in (TOTAL, *(part.key for part in instrument.parts)):
        answered = given.get(key, [])
        if len(answered) > 1:
            return refuse(Reason.DUPLICATE, f"{instrument.text.title} {key}", f"{len(answered)} answers")
        if answered:
            read[key] = _digits(answered[0].get("valueInteger"))
    if TOTAL not in read:
        return refuse(Reason.MISSING, f"{instrument.text.title} total")
    return parse_total(instrument, read.pop(TOTAL), read)
