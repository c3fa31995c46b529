"""The shapes of knowledge: what a fact, a rule, a source, an instrument… may say.

Every shape is frozen and refuses a key that it does not know, so a misspelt key in a data file cannot pass.
Times such as a validity are written as quantities ("30 d") and kept in seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Stage = Literal["enquiry", "screening", "consent", "plan", "session", "recovery", "followup", "outcomes"]
Strength = Literal["absolute", "relative", "caution", "note"]
Basis = Literal["label", "guideline", "trial", "practice", "assumption"]
Action = Literal["exclude", "refer", "hold", "stop", "caution", "inform"]
IfUnknown = Literal["block", "ask", "note"]
State = Literal["fires", "unknown", "silent"]
RuleKind = Literal[
    "contraindications",
    "cautions",
    "interactions",
    "day-of-treatment",
    "monitoring",
    "discharge",
    "surveillance",
    "home",
]
Substance = Literal["ketamine", "esketamine"]
Value = bool | float | str | tuple[str, ...]
"""A fact's value: flag, number in the fact's unit, choice or ISO date, set."""


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every data-file shape: frozen, and closed to unknown keys."""


class Code(Data, frozen=True, kw_only=True):
    """A code that a record may carry for a fact.

    `means` is "yes", "no", "value" (an observation's number), "ask" (the code raises the question without
    answering it; `note` says why) or one of the fact's choices. An unverified code alone raises the question.
    """

    system: Literal["snomed", "icd10cm", "loinc", "rxnorm"]
    code: str
    means: str = "yes"
    display: str = ""
    note: str = ""
    verified: bool = True
    family: bool = False
    """ICD-10-CM only: the code and everything below it."""


class Derived(Data, frozen=True, kw_only=True):
    """A fact computed from others by a named function of `logic.derived`."""

    function: Literal["time_since", "change_from_baseline", "body_mass_index", "percent_change_from_baseline"]
    of: tuple[str, ...]


class FactText(Data, frozen=True, kw_only=True):
    ask: str
    """The question as staff read it."""
    help: str = ""
    patient: str = ""
    """The question as a patient reads it, where a patient may answer it."""


class Fact(Data, frozen=True, kw_only=True):
    """Something askable or measurable."""

    key: str = ""
    type: Literal["flag", "number", "choice", "set", "date"]
    stage: Stage
    text: FactText
    group: str = ""
    """Facts of one group can be attested together ("cardiovascular: none of these")."""
    unit: str | None = None
    plausible: tuple[float, float] | None = None
    """Lowest and highest value that can be real, in `unit`; outside is refused at entry and left out at import."""
    decimals: int = 0
    choices: tuple[str, ...] = ()
    validity: str = "lifetime"
    """How long an answer stays true ("30 d"), or "lifetime"."""
    span: Literal["ever", "current"] = "current"
    """"ever": a resolved entry still counts. "current": only an active one does."""
    recorded_as: Literal["", "condition", "medicine", "allergy", "observation", "patient", "procedure"] = ""
    codes: tuple[Code, ...] = ()
    names: tuple[str, ...] = ()
    """Words in a record's display text that mean yes: ingredients and brands for medicines, lower case."""
    excludes: tuple[str, ...] = ()
    """Words that, standing in the display text as well, make a name not count."""
    derived: Derived | None = None
    evidence: tuple[str, ...] = ()
    basis: Basis = "practice"
    """What the validity and the plausible range rest on."""
    retired_on: dt.date | None = None
    validity_s: float | None = None
    file: str = ""


class Compare(msgspec.Struct, frozen=True):
    """One comparison: `fact operator value`. Numbers are in the fact's unit."""

    fact: str
    operator: Literal["is", "at_least", "above", "at_most", "below", "includes", "within"]
    value: Value | tuple[float, float]
    taken_within_s: float | None = None
    """Only a value no older than this counts; an older one is unknown."""


class All(msgspec.Struct, frozen=True):
    of: tuple[Condition, ...]


class Any_(msgspec.Struct, frozen=True):
    of: tuple[Condition, ...]


class None_(msgspec.Struct, frozen=True):
    of: tuple[Condition, ...]


Condition = Compare | All | Any_ | None_


class Example(Data, frozen=True, kw_only=True):
    """A worked example of a rule, checked at every load."""

    note: str
    facts: dict[str, Any] = {}
    state: State


class RuleText(Data, frozen=True, kw_only=True):
    title: str
    why: str
    resolves: str = ""


class Alarm(Data, frozen=True, kw_only=True):
    """How a monitoring rule sounds. Priorities and their use follow IEC 60601-1-8."""

    priority: Literal["high", "medium", "low"]
    delay: str = "0 s"
    latching: bool = False
    do: str = ""
    """What to do, in a sentence, shown with the alarm."""


class RuleFile(Data, frozen=True, kw_only=True):
    """A rule as its file says it."""

    key: str
    kind: RuleKind
    stages: tuple[Stage, ...]
    products: tuple[Substance, ...]
    strength: Strength
    basis: Basis
    action: Action
    if_unknown: IfUnknown
    evidence: tuple[str, ...]
    when: dict[str, Any]
    text: RuleText
    examples: tuple[Example, ...]
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date
    routes: tuple[str, ...] = ()
    settings: tuple[Literal["clinic", "home"], ...] = ()
    jurisdictions: tuple[Literal["US", "EU", "UK", "AU", "NZ"], ...] = ()
    resolves: tuple[str, ...] = ()
    """Facts whose new value could clear the rule."""
    overridden_by: Literal["prescriber", "nobody"] = "prescriber"
    alarm: Alarm | None = None
    retired_on: dt.date | None = None


class Rule(RuleFile, frozen=True, kw_only=True):
    """A rule as the engine uses it."""

    condition: Condition
    digest: str
    """SHA-256 of everything but its text; an override holds only for the same digest."""
    file: str = ""


class Result(Data, frozen=True, kw_only=True):
    """One number of a source, as read there; nothing is computed from it.

    `value` is in `unit` ("%", "points", "people", "mmHg" …); `low` and `high` are its `interval`.
    """

    outcome: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    interval: str = "95 % interval"
    versus: float | None = None
    """The same in the comparison group."""
    p: str = ""
    at: str = ""
    """When it was measured, counted from the first dose unless it says otherwise."""


class Grade(Data, frozen=True, kw_only=True):
    """How sure one may be of what a source is cited for, and who says so.

    `how` is "own reading" (the writer's judgement by design, size, blinding and agreement: an assumption until a
    clinician has checked it) or "as published".
    """

    level: Literal["high", "moderate", "low", "very low"]
    why: str
    how: Literal["own reading", "as published"] = "own reading"
    basis: Basis = "assumption"


Kind = Literal[
    "randomised trial",
    "open study",
    "cohort",
    "survey",
    "review",
    "label or regulator",
    "scale or method",
    "other",
]
Disorder = Literal[
    "generalised anxiety",
    "social anxiety",
    "panic",
    "phobia",
    "anxiety disorders",
    "obsessive-compulsive",
    "post-traumatic stress",
    "depression",
]


class Evidence(Data, frozen=True, kw_only=True):
    """One source. `design` says in words what `kind` sorts by; an empty `funding` means that it was not read."""

    key: str
    citation: str
    design: str
    population: str
    supports: tuple[str, ...]
    checked: Literal[
        "full text read",
        "abstract read",
        "label read",
        "secondary source read",
        "code port read",
        "not checked",
    ]
    checked_how: str
    checked_on: dt.date
    identifier: str = ""
    url: str = ""
    n: int | None = None
    kind: Kind = "other"
    disorders: tuple[Disorder, ...] = ()
    comparator: str = ""
    results: dict[str, Result] = {}
    """By a short key, the most important first; public pages refer to them."""
    funding: str = ""
    """Who paid, and what the authors had to gain, as read."""
    grade: Grade | None = None


class Item(Data, frozen=True, kw_only=True):
    number: int
    text: str
    loinc: str = ""


class AnswerOption(Data, frozen=True, kw_only=True):
    value: int
    text: str
    loinc: str = ""


class Band(Data, frozen=True, kw_only=True):
    low: float
    high: float
    name: str
    text: str


class ScoreExample(Data, frozen=True, kw_only=True):
    """A worked example of an instrument, checked at every load. No `total` means that there is none."""

    note: str
    answers: tuple[str, ...]
    total: float | None = None
    band: str | None = None
    prorated: bool = False
    safety: Literal["none", "positive", "unknown"] = "none"


class InstrumentText(Data, frozen=True, kw_only=True):
    title: str
    stem: str = ""
    recall: str = ""


class Instrument(Data, frozen=True, kw_only=True):
    """A questionnaire: how it is asked, scored and read."""

    key: str
    text: InstrumentText
    rater: Literal["self", "clinician"]
    recall_days: int
    items: tuple[Item, ...]
    answers: tuple[AnswerOption, ...]
    minimum: int
    maximum: int
    bands: tuple[Band, ...]
    missing_allowed: int
    """Items that may be missing and are prorated; more and there is no total."""
    prorate: Literal["mean-of-answered-rounded", "none"]
    response_percent: float
    remission_below: float
    reliable_change: float
    minimal_important_change: float
    caseness_at_least: float | None = None
    """The total from which on somebody counts as a case; response and remission need a baseline of that much."""
    evidence: tuple[str, ...]
    licence: str
    examples: tuple[ScoreExample, ...]
    basis: dict[str, Basis] = {}
    """What each of the numbers rests on, by its key."""
    safety_item: int | None = None
    safety_at_least: int | None = None
    loinc_panel: str = ""
    loinc_total: str = ""
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class Strength_(Data, frozen=True, kw_only=True):
    concentration: str
    """Of the base, "10 mg/mL"; or of one device, "28 mg"."""
    container: str = ""
    """"20 mL vial", "nasal device, 0.2 mL"."""
    note: str = ""
    highest_concentration: dict[str, str] = {}
    """By route, the highest concentration at which it is given: where it is below its own, it is diluted first."""


class Salt(Data, frozen=True, kw_only=True):
    name: str
    mg_per_mg_base: float
    evidence: tuple[str, ...]


class ProductText(Data, frozen=True, kw_only=True):
    title: str
    approval: str


class Product(Data, frozen=True, kw_only=True):
    key: str
    substance: Substance
    form: str
    routes: tuple[str, ...]
    expressed_as: Literal["base", "salt"]
    salt: Salt
    strengths: tuple[Strength_, ...]
    schedule: dict[str, str]
    """Controlled-drug class by jurisdiction."""
    text: ProductText
    evidence: tuple[str, ...]
    basis: Basis
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class Bound(Data, frozen=True, kw_only=True):
    """One pair of bounds of a dose, with what it rests on."""

    low: str
    high: str
    basis: Basis
    evidence: tuple[str, ...] = ()
    why: str = ""


class Guardrail(Data, frozen=True, kw_only=True):
    """Bounds of a dose: `absolute` is never crossed, `recommended` is crossed with a reason."""

    per: str
    """"weight" (bounds in mg/kg) or "session" (bounds in mg)."""
    products: tuple[Substance, ...]
    start: str
    absolute: Bound
    recommended: Bound
    session_cap: Bound | None = None
    steps: tuple[str, ...] = ()
    """Where only whole devices can be given: the doses that exist."""


class Check(Data, frozen=True, kw_only=True):
    """A check that falls due by time in a phase of the session."""

    phase: Literal["arrival", "dosing", "observation", "recovery"]
    readings: tuple[str, ...]
    """Keys of the facts to chart."""
    every: str = ""
    at: tuple[str, ...] = ()
    """Minutes after the phase's start, as quantities; `every` and `at` may both be given."""
    basis: Basis = "assumption"
    evidence: tuple[str, ...] = ()


class RouteText(Data, frozen=True, kw_only=True):
    title: str
    summary: str


class Route(Data, frozen=True, kw_only=True):
    key: str
    products: tuple[Substance, ...]
    text: RouteText
    delivery: str
    """Usual duration of delivery, "40 min"."""
    infusion: bool
    guardrails: tuple[Guardrail, ...]
    checks: tuple[Check, ...]
    minimum_observation: str
    """From the moment that `observation_from` names."""
    observation_from: Literal["end of dosing", "start of dosing"]
    observation_basis: Basis
    minimum_spacing: str
    spacing_basis: Basis
    evidence: tuple[str, ...]
    model: str = ""
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class ProtocolText(Data, frozen=True, kw_only=True):
    title: str
    summary: str


class Protocol(Data, frozen=True, kw_only=True):
    key: str
    text: ProtocolText
    products: tuple[Substance, ...]
    route: str
    sessions: int
    over: str
    """The longest span of the series, "21 d"."""
    spacing: str
    """The planned interval between sessions."""
    dose: str
    delivery: str
    review_after: int
    """Sessions after which benefit is judged."""
    basis: Basis
    evidence: tuple[str, ...]
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class Pack(msgspec.Struct, frozen=True):
    """The content of a pack as it is stored by hash: file name to parsed content."""

    files: dict[str, dict[str, Any]]


class Knowledge(msgspec.Struct, frozen=True):
    """Everything known, validated. Mappings are read-only by habit; nothing in the core writes to them."""

    facts: Mapping[str, Fact]
    rules: Mapping[str, Rule]
    evidence: Mapping[str, Evidence]
    instruments: Mapping[str, Instrument]
    products: Mapping[str, Product]
    routes: Mapping[str, Route]
    protocols: Mapping[str, Protocol]
    models: Mapping[str, Mapping[str, Any]]
    hash: str
    """SHA-256 over everything except text in a language."""
    pack: Pack
