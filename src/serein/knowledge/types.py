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
    "work-up",
    "surveillance",
    "home",
    "crisis",
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
    written_in: tuple[str, ...] = ()
    """Units that records write for this code and that mean the fact's own unit."""


class Asking(Data, frozen=True, kw_only=True):
    """Words in a record's display text that raise the question without answering it; `note` says why."""

    names: tuple[str, ...]
    note: str


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
    asks: tuple[Asking, ...] = ()
    excludes: tuple[str, ...] = ()
    """Words that, standing in the display text as well, make a name not count."""
    molar_mass: float | None = None
    """Of the substance measured, in g/mol: laboratories report mg/dL or umol/L."""
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
    ago: dict[str, str] = {}
    """How long before the moment asked about a fact was stated ("31 min"); now, where it says nothing."""
    state: State


class RuleText(Data, frozen=True, kw_only=True):
    title: str
    why: str
    resolves: str = ""
    clear: str = ""
    """What is so where the rule is silent, said without a "not": "The escort is here"."""


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
    band_of: str = ""
    """Rules of one name cut one fact into bands: together they leave no gap and do not overlap, or the load fails."""
    lapses_on: dt.date | None = None
    """The last day on which what it rests on holds (a temporary law). From the next day on nobody knows: it asks."""
    retired_on: dt.date | None = None


class Rule(RuleFile, frozen=True, kw_only=True):
    """A rule as the engine uses it."""

    condition: Condition
    digest: str
    """SHA-256 of everything but its text; an override holds only for the same digest."""
    file: str = ""


class Reading(Data, frozen=True, kw_only=True):
    """A measurement in an example, in the fact's unit, so many days ago."""

    fact: str
    value: bool | float
    days_ago: float = 0.0


class SuggestionExample(Data, frozen=True, kw_only=True):
    """A worked example of a suggestion, checked at every load."""

    note: str
    readings: tuple[Reading, ...]
    asks: bool


class SuggestionFile(Data, frozen=True, kw_only=True):
    """Measurements that raise the question of other facts and answer none: a clinician does."""

    key: str
    asks: tuple[str, ...]
    any: tuple[dict[str, Any], ...]
    """Limits as rules write them. A measurement beyond any of them counts."""
    days: int = 1
    """On how many different days (UTC) something must lie beyond."""
    within: str = ""
    """The span that holds these days, back from the latest of them ("180 d"); empty: any."""
    note: str
    basis: Basis
    evidence: tuple[str, ...] = ()
    examples: tuple[SuggestionExample, ...]
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class Suggestion(SuggestionFile, frozen=True, kw_only=True):
    """A suggestion as the engine uses it."""

    limits: tuple[Compare, ...]
    within_s: float | None
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
    short: str = ""
    """Who, when and what, in a few words: the text of a link to this source."""
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
    lapses_on: dt.date | None = None
    """The last day on which the source holds, where it says so itself."""

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
    name: str = ""
    """A short name, where the item stands for itself."""
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


class Part(Data, frozen=True, kw_only=True):
    """A sub-score: the sum of some of the items, or a number taken elsewhere with the total.

    `of_total` says that the parts which say so add up to the total; the others stand beside it.
    """

    key: str
    text: str
    minimum: int
    maximum: int
    items: tuple[int, ...] = ()
    of_total: bool = True


class Schedule(Data, frozen=True, kw_only=True):
    """When an instrument is asked after a dose: at these spans, and then again and again."""

    after_dose: tuple[str, ...]
    then_every: str = ""
    basis: Basis = "assumption"
    evidence: tuple[str, ...] = ()


class ScoreExample(Data, frozen=True, kw_only=True):
    """A worked example of an instrument, checked at every load. No `total` means that there is none.

    Of an instrument whose total is taken elsewhere, `answers` is that total alone; `refused` says that it is.
    """

    note: str
    answers: tuple[str, ...]
    total: float | None = None
    band: str | None = None
    prorated: bool = False
    safety: Literal["none", "positive", "unknown"] = "none"
    parts: dict[str, int] = {}
    refused: bool = False


LIMITS = ("response_percent", "remission_below", "reliable_change", "minimal_important_change")
"""What an instrument says of change: a number, or why there is none."""


class InstrumentText(Data, frozen=True, kw_only=True):
    title: str
    stem: str = ""
    recall: str = ""
    patient: str = ""
    """What it is about, as a patient reads it above how it is going."""
    not_computed: dict[str, str] = {}
    """Why there is no number for one of `LIMITS`, or no bands, by its key; a sentence each."""


class Instrument(Data, frozen=True, kw_only=True):
    """A questionnaire: how it is asked, scored and read.

    `scoring`: "sum" adds the items up. "total-only" has no items here (their wording is somebody else's): the total
    is taken elsewhere and entered. "ratings" are items that stand each for itself, from `minimum` to `maximum`.
    """

    key: str
    text: InstrumentText
    rater: Literal["self", "clinician"]
    recall_days: int
    scoring: Literal["sum", "total-only", "ratings"] = "sum"
    better: Literal["lower", "higher", "neither"] = "lower"
    """Which way of the number is better for the person."""
    items: tuple[Item, ...] = ()
    answers: tuple[AnswerOption, ...] = ()
    parts: tuple[Part, ...] = ()
    minimum: int
    maximum: int
    bands: tuple[Band, ...] = ()
    missing_allowed: int = 0
    """Items that may be missing and are prorated; more and there is no total."""
    prorate: Literal["mean-of-answered-rounded", "none"] = "none"
    response_percent: float | None = None
    remission_below: float | None = None
    reliable_change: float | None = None
    minimal_important_change: float | None = None
    caseness_at_least: float | None = None
    """The total from which on somebody counts as a case; response and remission need a baseline of that much."""
    schedule: Schedule | None = None
    evidence: tuple[str, ...]
    licence: str
    examples: tuple[ScoreExample, ...]
    basis: dict[str, Basis] = {}
    """What each of the numbers rests on, by its key."""
    fact: str = ""
    """The fact that the total states."""
    safety_item: int | None = None
    safety_at_least: int | None = None
    """Of the safety item; of the total where there are no items."""
    loinc_panel: str = ""
    loinc_total: str = ""
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date

    @property
    def score_only(self) -> bool:
        """Whether its items are not here, so that only its total can be entered."""
        return self.scoring == "total-only"


class InstrumentWords(Data, frozen=True, kw_only=True):
    """An instrument as it was officially published in another language: `text/<language>/instruments/<key>.toml`."""

    key: str
    stem: str
    recall: str = ""
    patient: str = ""
    items: tuple[str, ...]
    answers: tuple[str, ...]
    """In the order of the instrument's answers."""
    evidence: tuple[str, ...]
    licence: str
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class Strength_(Data, frozen=True, kw_only=True):
    concentration: str
    """As labelled (`expressed_as`): "10 mg/mL", or of one unit (device, lozenge …), "28 mg"."""
    container: str = ""
    """"20 mL vial", "nasal device, 0.2 mL"."""
    unit: str = ""
    """What is counted where a dose is a number of them: "nasal device", "lozenge"; empty where it is measured in mL."""
    parts: int = 1
    """Into how many equal parts one unit may be divided: 2 allows halves, 1 only whole ones."""
    basis: Basis | None = None
    """What this strength rests on, where it is not what the product rests on."""
    note: str = ""
    highest_concentration: dict[str, str] = {}
    """By route, the highest concentration at which it is given: where it is below its own, it is diluted first."""


class Equivalent(Data, frozen=True, kw_only=True):
    """One pair as a label writes it: this much salt is this much base."""

    salt: str
    base: str


class Salt(Data, frozen=True, kw_only=True):
    name: str
    mg_per_mg_base: float
    evidence: tuple[str, ...]
    equivalents: tuple[Equivalent, ...] = ()
    """What the labels write; `mg_per_mg_base` gives each of them at the decimals written, or the load fails."""


class Alert(Data, frozen=True, kw_only=True):
    """A regulator's warning about a product."""

    by: str
    on: dt.date
    text: AlertText
    evidence: tuple[str, ...]


class AlertText(Data, frozen=True, kw_only=True):
    said: str


class ProductText(Data, frozen=True, kw_only=True):
    title: str
    approval: str
    handling: tuple[str, ...] = ()
    """How it is given, in sentences: priming, posture, what is never done."""


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
    compounded: bool = False
    """Made by a pharmacy and approved by nobody: it says so, and carries the regulators' alerts."""
    alerts: tuple[Alert, ...] = ()
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
    products: tuple[Substance, ...] = ()
    """Only for these; empty: for all of the route."""
    basis: Basis = "assumption"
    evidence: tuple[str, ...] = ()


class InjectionSite(Data, frozen=True, kw_only=True):
    """Where an injection may go, and how much of it at one place."""

    name: str
    most: str
    """The largest volume at one place, "1 mL"."""
    why: str
    basis: Basis
    evidence: tuple[str, ...] = ()


class Fasting(Data, frozen=True, kw_only=True):
    """How long something must be left before the dose. `fact` is what the day's rules ask."""

    fact: str
    least: str
    basis: Basis
    evidence: tuple[str, ...] = ()


class RouteText(Data, frozen=True, kw_only=True):
    title: str
    summary: str
    visit: str = ""
    """What a patient calls one: "infusion into a vein in your arm"."""
    visits: str = ""
    """And several: "infusions into a vein in your arm"."""
    patient: str = ""
    """How it goes, as the patient reads it."""


class Variant(Data, frozen=True, kw_only=True):
    """What is otherwise where one of the route's products is another substance. Empty: as the route says."""

    products: tuple[Substance, ...]
    text: RouteText | None = None
    delivery: str = ""
    between_units: str = ""
    fasting: tuple[Fasting, ...] = ()
    minimum_observation: str = ""
    observation_basis: Basis | None = None
    minimum_spacing: str = ""
    spacing_basis: Basis | None = None
    evidence: tuple[str, ...] = ()
    model: str | None = None


GivenAs = Literal["infusion", "injection", "spray", "swallowed", "dissolved"]
"""How a dose gets in: through a pump; from a syringe at once; sprayed; swallowed; dissolved in the mouth."""


class Route(Data, frozen=True, kw_only=True):
    key: str
    products: tuple[Substance, ...]
    text: RouteText
    given_as: GivenAs
    delivery: str
    """Usual duration of delivery, "40 min"."""
    between_units: str = ""
    """The least time between two units (devices) of one dose."""
    sites: tuple[InjectionSite, ...] = ()
    fasting: tuple[Fasting, ...] = ()
    variants: tuple[Variant, ...] = ()
    """See `knowledge.route_for`."""
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


class PhaseText(Data, frozen=True, kw_only=True):
    title: str
    summary: str = ""


class AtMost(Data, frozen=True, kw_only=True):
    """No more than so many sessions in any span of this length."""

    sessions: int
    within: str
    basis: Basis
    evidence: tuple[str, ...] = ()


class ProtocolPhase(Data, frozen=True, kw_only=True):
    """One stretch of a protocol. Phases follow each other in the order of the file."""

    key: str
    text: PhaseText
    sessions: int
    spacing: str
    """The planned interval between sessions."""
    spacing_longest: str = ""
    """Where the interval may be stretched: up to this."""
    over: str
    """The longest span of the phase, "21 d"."""
    dose: str
    doses: tuple[str, ...] = ()
    """The doses that this phase knows, where it knows only some."""
    delivery: str
    weeks: tuple[int, int] | None = None
    """First and last week of the course, counted from 1 at the first dose, where the phase is tied to them."""
    at_most: AtMost | None = None
    review_after: int
    """Sessions of the phase after which benefit is judged."""
    basis: Basis
    evidence: tuple[str, ...] = ()


class StopText(Data, frozen=True, kw_only=True):
    rule: str
    """When the course stops, in a sentence."""
    how: str
    """How it is stopped or tapered."""


class Stop(Data, frozen=True, kw_only=True):
    """The stop rule: without benefit at the review the series ends."""

    after: int
    """Sessions of the course after which going on without a benefit is not foreseen."""
    text: StopText
    basis: Basis
    evidence: tuple[str, ...] = ()


class DoseChange(Data, frozen=True, kw_only=True):
    """How the dose may move between two sessions. It only ever makes a proposal, at a site that has adopted it."""

    instrument: str
    """The questionnaire whose change counts."""
    step_up: str
    """An amount of the base: "0.1 mg/kg", "28 mg"."""
    down_by_percent: float
    up_if_improved_less_than_percent: float
    """Less improvement of the score than this since before the first dose may raise the dose."""
    no_up_from_grade: int
    """An adverse event of this grade or more since the last proposal's dose keeps the dose from rising."""
    down_from_grade: int
    """An adverse event of this grade or more lowers it."""
    no_up_from_distress: float
    """A distress rating (0 to 10) of this or more keeps the dose from rising."""
    no_up_from_dissociation: float
    """A dissociation rating (0 to 10) of this or more keeps the dose from rising."""
    basis: Basis
    evidence: tuple[str, ...] = ()


class Protocol(Data, frozen=True, kw_only=True):
    key: str
    text: ProtocolText
    products: tuple[Substance, ...]
    product_keys: tuple[str, ...] = ()
    """Only with these products; empty: with every one of the substance and route."""
    route: str
    phases: tuple[ProtocolPhase, ...]
    stop: Stop
    change: DoseChange | None = None
    evidence: tuple[str, ...]
    written_by: str
    checked_by: str
    reviewed_on: dt.date
    review_due: dt.date


class StepText(Data, frozen=True, kw_only=True):
    do: str
    record: str = ""
    """What to write down; empty: that it was done, and when."""


class ChecklistMedicine(Data, frozen=True, kw_only=True):
    """A medicine of a step. Without a source that was read it has no dose: "per site protocol"."""

    name: str
    dose: str = ""
    by: str = ""
    """Route of this medicine, in words."""
    evidence: tuple[str, ...] = ()


class ChecklistStep(Data, frozen=True, kw_only=True):
    who: Literal["whoever is first", "nurse", "prescriber", "second person"]
    text: StepText
    within: str = ""
    """Done by this time from the start of the checklist."""
    repeat_every: str = ""
    """A timer that starts again each time the step is done."""
    charts: tuple[str, ...] = ()
    """Facts whose reading the step takes."""
    medicines: tuple[ChecklistMedicine, ...] = ()
    basis: Basis
    evidence: tuple[str, ...] = ()


class ChecklistText(Data, frozen=True, kw_only=True):
    title: str
    when: str
    """When to take this list."""
    over: str
    """When it is over, and what follows."""


class Checklist(Data, frozen=True, kw_only=True):
    """What to do in one emergency, in order. It advises; nothing waits for it to be ticked."""

    key: str
    text: ChecklistText
    rules: tuple[str, ...] = ()
    """Monitoring rules whose alarm leads here."""
    steps: tuple[ChecklistStep, ...]
    evidence: tuple[str, ...] = ()
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
    suggestions: Mapping[str, Suggestion]
    evidence: Mapping[str, Evidence]
    instruments: Mapping[str, Instrument]
    products: Mapping[str, Product]
    routes: Mapping[str, Route]
    protocols: Mapping[str, Protocol]
    checklists: Mapping[str, Checklist]
    models: Mapping[str, Mapping[str, Any]]
    words: Mapping[str, Mapping[str, InstrumentWords]]
    """By language and instrument; English stands in the instrument's own file."""
    hash: str
    """SHA-256 over everything except text in a language."""
    pack: Pack
