"""Refusals: what Serein says when it will not accept something.

A refusal is a value, not an exception: it names the field, the value, the reason and the next step, and
nothing is half-saved. Exceptions are for bugs, and for knowledge files that must not load.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why something was refused. Every member has its sentence in `SENTENCES`."""

    MISSING = "missing"
    NOT_A_NUMBER = "not-a-number"
    DECIMAL_COMMA = "decimal-comma"
    NO_UNIT = "no-unit"
    UNKNOWN_UNIT = "unknown-unit"
    WRONG_DIMENSION = "wrong-dimension"
    OUT_OF_RANGE = "out-of-range"
    NEGATIVE = "negative"
    NOT_A_CHOICE = "not-a-choice"
    WRONG_COUNT = "wrong-count"
    NOT_A_TIME = "not-a-time"
    NO_TIME_ZONE = "no-time-zone"
    IN_THE_FUTURE = "in-the-future"
    OUT_OF_ORDER = "out-of-order"
    NOT_JSON = "not-json"
    NOT_FHIR = "not-fhir"
    MALFORMED = "malformed"
    WRONG_FHIR_VERSION = "wrong-fhir-version"
    WRONG_BUNDLE_TYPE = "wrong-bundle-type"
    NO_PATIENT = "no-patient"
    SEVERAL_PATIENTS = "several-patients"
    OTHER_PATIENT = "other-patient"
    TOO_LARGE = "too-large"
    DECEASED = "deceased"
    DUPLICATE = "duplicate"
    UNKNOWN_KEY = "unknown-key"
    NOT_KNOWN_HERE = "not-known-here"
    NOT_ALLOWED_NOW = "not-allowed-now"
    NOT_ALLOWED_FOR_ROLE = "not-allowed-for-role"
    ABSOLUTE = "absolute"
    ALREADY_DONE = "already-done"
    CHANGED_MEANWHILE = "changed-meanwhile"
    SAME_PERSON = "same-person"
    NEEDS_REASON = "needs-reason"
    LAPSED = "lapsed"
    MISMATCH = "mismatch"


SENTENCES: dict[Reason, tuple[str, str]] = {
    # reason: (what is wrong, what to do next). `{field}`, `{value}` and the named details are filled in.
    Reason.MISSING: ("{field} is missing.", "Enter it, or say that it is not known."),
    Reason.NOT_A_NUMBER: (
        "{field} is not a number: {value}.",
        "Enter digits with a decimal point, such as 0.5.",
    ),
    Reason.DECIMAL_COMMA: (
        "{field} has a comma: {value}.",
        "Write a decimal point: a comma could mean ten times the dose to the next reader.",
    ),
    Reason.NO_UNIT: ("{field} has no unit: {value}.", "Write the unit after the number, such as {example}."),
    Reason.UNKNOWN_UNIT: ("{field} has a unit that Serein does not know: {value}.", "Use one of: {allowed}."),
    Reason.WRONG_DIMENSION: ("{field} is in the wrong kind of unit: {value}.", "Give it in {unit}."),
    Reason.OUT_OF_RANGE: (
        "{field} is outside what is plausible: {value}.",
        "It must be {low} to {high}. Check it and enter it again.",
    ),
    Reason.NEGATIVE: ("{field} must be above zero: {value}.", "Check it and enter it again."),
    Reason.NOT_A_CHOICE: ("{field} is not one of the answers: {value}.", "Choose one of: {allowed}."),
    Reason.WRONG_COUNT: (
        "{field} has {value} answers; {expected} are needed.",
        "Give one answer for each item, or - for one left out.",
    ),
    Reason.NOT_A_TIME: ("{field} is not a time: {value}.", "Write it like 2026-11-22T09:00Z."),
    Reason.NO_TIME_ZONE: ("{field} has no time zone: {value}.", "Add Z or an offset such as +01:00."),
    Reason.IN_THE_FUTURE: ("{field} is in the future: {value}.", "Check the clock and the date."),
    Reason.OUT_OF_ORDER: (
        "{field} is before what it follows: {value}.",
        "It cannot be earlier than {earliest}.",
    ),
    Reason.NOT_JSON: (
        "{field} is not complete JSON: {value}.",
        "Export it again as FHIR R4 JSON; the file may have been cut off.",
    ),
    Reason.NOT_FHIR: (
        "{field} is not a FHIR bundle: {value}.",
        "Export the record as a FHIR R4 bundle in JSON.",
    ),
    Reason.MALFORMED: (
        "{field} is {value}, not {expected}.",
        "Export the record again as FHIR R4, or ask whoever exported it about that entry.",
    ),
    Reason.WRONG_FHIR_VERSION: ("{field} looks like FHIR {value}, not R4.", "Export it as FHIR R4 (4.0.1)."),
    Reason.WRONG_BUNDLE_TYPE: (
        "{field} is a bundle of type {value}.",
        "Export one patient's whole record as a transaction or collection bundle; search pages and batches may be incomplete.",
    ),
    Reason.NO_PATIENT: ("{field} has no patient.", "Export the record with its Patient resource."),
    Reason.SEVERAL_PATIENTS: ("{field} has {value} patients.", "Export one patient at a time."),
    Reason.OTHER_PATIENT: (
        "{field} belongs to another person: {value}.",
        "Open that person's page, or match the identity first.",
    ),
    Reason.TOO_LARGE: ("{field} is too large: {value}.", "The limit is {limit}."),
    Reason.DECEASED: (
        "{field} says that the patient has died: {value}.",
        "Check the identity. Nothing was imported.",
    ),
    Reason.DUPLICATE: ("{field} is already here: {value}.", "Nothing was added a second time."),
    Reason.UNKNOWN_KEY: (
        "{field} has something that Serein does not know: {value}.",
        "Remove it or correct its name.",
    ),
    Reason.NOT_KNOWN_HERE: ("{field} is not known here: {value}.", "Use one of: {allowed}."),
    Reason.NOT_ALLOWED_NOW: ("{field} is not possible now: {value}.", "{next}"),
    Reason.NOT_ALLOWED_FOR_ROLE: ("{field} needs another role: {value}.", "Ask a {allowed}."),
    Reason.ABSOLUTE: (
        "{field} is an absolute rule and is overridden for nobody: {value}.",
        "If the fact is wrong, a prescriber can dispute the fact.",
    ),
    Reason.ALREADY_DONE: (
        "{field} was already done: {value}.",
        "Nothing was changed. Look at the page again.",
    ),
    Reason.CHANGED_MEANWHILE: (
        "{field} was changed meanwhile: {value}.",
        "Look at the page again, then repeat.",
    ),
    Reason.SAME_PERSON: (
        "{field} must be a second person: {value}.",
        "Ask a colleague to read it and enter it.",
    ),
    Reason.NEEDS_REASON: (
        "{field} needs a reason.",
        "Write the reason in a sentence; it is kept with your name.",
    ),
    Reason.LAPSED: ("{field} is no longer valid: {value}.", "{next}"),
    Reason.MISMATCH: ("{field} does not agree: {value}.", "{next}"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused value.

    `field` names what was refused in the words of the page or file; `value` is what came, shortened;
    `details` fill the sentence. Two refusals are equal if they say the same.
    """

    reason: Reason
    field: str
    value: str = ""
    details: tuple[tuple[str, str], ...] = ()

    @property
    def why(self) -> str:
        """What is wrong, in an English sentence."""
        return SENTENCES[self.reason][0].format_map(self._words())

    @property
    def next_step(self) -> str:
        """What the person can do now, in an English sentence."""
        return SENTENCES[self.reason][1].format_map(self._words())

    def __str__(self) -> str:
        return f"{self.why} {self.next_step}"

    def _words(self) -> dict[str, str]:
        return _Words(field=self.field, value=self.value, **dict(self.details))


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:  # a sentence must never fail to be said
        return "…"


def refuse(reason: Reason, field: str, value: object = "", **details: object) -> Refusal:
    """A `Refusal`, with the value cut to 80 characters so that a page or log stays readable."""
    text = str(value)
    if len(text) > 80:
        text = text[:77] + "…"
    return Refusal(reason, field, text, tuple((k, str(v)) for k, v in sorted(details.items())))


class KnowledgeError(Exception):
    """A knowledge file that must not load: says file, line and what is wrong."""

    def __init__(self, file: Path | str, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = str(file), line, problem
        super().__init__(f"{file}:{line or 1}: {problem}")
