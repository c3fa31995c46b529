"""TOML files -> validated `Knowledge`, or `KnowledgeError` naming file and line.

`load` checks shapes and references. What needs a higher layer (that examples agree with the engine) is checked
by `serein.safety.pack`, which is what the command line and the shell use.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from serein import units
from serein.errors import KnowledgeError, Refusal
from serein.knowledge.types import (
    LIMITS,
    All,
    Any_,
    Checklist,
    Compare,
    Condition,
    Data,
    Evidence,
    Fact,
    Instrument,
    InstrumentWords,
    Knowledge,
    None_,
    Pack,
    Product,
    Protocol,
    Route,
    Rule,
    RuleFile,
    Suggestion,
    SuggestionFile,
    Variant,
)

HERE = Path(__file__).parent
FOLDERS = (
    "evidence",
    "facts",
    "rules",
    "suggestions",
    "instruments",
    "products",
    "routes",
    "protocols",
    "checklists",
    "models",
    "text",
)
PATTERNS = {"text": "instruments/*.toml"}
"""Which files of a folder belong to the pack, where not all do: pages for the public are read apart (`pages`)."""
OPERATORS = ("is", "at_least", "above", "at_most", "below", "includes", "within")
UNHASHED = ("text", "written_by", "checked_by", "reviewed_on", "review_due")

D = TypeVar("D", bound=Data)
OfToday = Callable[[dict[str, Any]], dict[str, Any]]
"""Reads a file of an old pack as today's shape has it, so that an old decision can be run again."""


def pack_files(directory: Path = HERE) -> dict[str, str]:
    """The text of every knowledge file below `directory`, by its path inside it."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((directory / folder).rglob(PATTERNS.get(folder, "*.toml"))):
            found[path.relative_to(directory).as_posix()] = path.read_text(encoding="utf-8")
    return found


def load(directory: Path = HERE) -> Knowledge:
    """Every knowledge file below `directory`, validated.

    Raises `KnowledgeError` (file, line, problem) at the first file that must not load.
    """
    texts = pack_files(directory)
    parsed = {name: parse_toml(name, text) for name, text in texts.items()}
    return build(Pack(msgspec.to_builtins(parsed)), texts)


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """One TOML file, or a `KnowledgeError` with the line at which it breaks."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise KnowledgeError(name, int(line[1]) if line else None, str(error)) from None


def build(pack: Pack, texts: Mapping[str, str] | None = None) -> Knowledge:
    """Validated knowledge from parsed files. `texts` gives line numbers to the errors."""
    reader = _Reader(pack.files, texts or {})
    facts = reader.facts()
    evidence = reader.by_key("evidence", Evidence)
    knowledge = Knowledge(
        facts=facts,
        rules=reader.rules(facts),
        suggestions=reader.suggestions(facts),
        evidence=evidence,
        instruments=reader.by_key("instruments", Instrument),
        products=reader.by_key("products", Product),
        routes=reader.by_key("routes", Route, _route_of_today),
        protocols=reader.by_key("protocols", Protocol, _protocol_of_today),
        checklists=reader.by_key("checklists", Checklist),
        models={raw["key"]: raw for _, raw in reader.folder("models")},
        words=reader.words(),
        hash=digest({name: raw for name, raw in pack.files.items() if not name.startswith("text/")}),
        pack=pack,
    )
    reader.check_references(knowledge)
    return knowledge


def shape(name: str, raw: Any, type_: type[D], text: str, near: str = "") -> D:
    """Parsed content in its shape, or a `KnowledgeError` at the line of `text` that does not fit."""
    try:
        return msgspec.convert(raw, type_, strict=False)
    except msgspec.ValidationError as error:
        path = re.search(r"`\$\.?([^`]*)`", str(error))
        named = re.search(r"field `(\w+)`", str(error))
        last = (named[1] if named else "") or (path[1].split(".")[-1].split("[")[0] if path else "")
        missing = "missing required field" in str(error)  # it has no line of its own
        at = near or "key" if missing else last or near
        raise KnowledgeError(name, line_of(text, at), str(error)) from None


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of `content`, text in a language and review notes left out."""
    canonical = msgspec.json.encode(_without_text(content), order="sorted")
    return hashlib.sha256(canonical).hexdigest()


def _without_text(content: Any) -> Any:
    if isinstance(content, dict):
        return {k: _without_text(v) for k, v in content.items() if k not in UNHASHED}
    if isinstance(content, list | tuple):
        return [_without_text(v) for v in content]
    return content


class _Reader:
    """Reads parsed files into shapes; every complaint goes through `fail`."""

    def __init__(self, files: Mapping[str, dict[str, Any]], texts: Mapping[str, str]) -> None:
        self.files, self.texts = files, texts

    def fail(self, name: str, problem: str, near: str = "") -> KnowledgeError:
        return KnowledgeError(name, line_of(self.texts.get(name, ""), near), problem)

    def folder(self, folder: str) -> list[tuple[str, dict[str, Any]]]:
        return [(n, raw) for n, raw in sorted(self.files.items()) if n.startswith(f"{folder}/")]

    def shape(self, name: str, raw: Any, type_: type[D], near: str = "") -> D:
        return shape(name, raw, type_, self.texts.get(name, ""), near)

    def by_key(self, folder: str, type_: type[D], of_today: OfToday = dict) -> dict[str, D]:
        found: dict[str, D] = {}
        for name, raw in self.folder(folder):
            value = self.shape(name, of_today(raw), type_)
            key: str = value.key  # type: ignore[attr-defined]  # every folder's shape has one
            if Path(name).stem != key:
                raise self.fail(name, f'the key "{key}" must be the file\'s name', "key")
            if key in found:
                raise self.fail(name, f'the key "{key}" is used twice', "key")
            found[key] = value
        return found

    def words(self) -> dict[str, dict[str, InstrumentWords]]:
        found: dict[str, dict[str, InstrumentWords]] = {}
        for name, raw in self.folder("text"):
            _, language, what, *rest = name.split("/")
            if what == "instruments":
                words = self.shape(name, raw, InstrumentWords)
                if rest != [f"{words.key}.toml"]:
                    raise self.fail(name, f'the key "{words.key}" must be the file\'s name', "key")
                found.setdefault(language, {})[words.key] = words
        return found

    def facts(self) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        for name, raw in self.folder("facts"):
            for key, body in raw.items():
                near = f"[{key}]"
                if key in found:
                    raise self.fail(name, f'the fact "{key}" is defined twice', near)
                fact = self.shape(name, body, Fact, near)
                found[key] = msgspec.structs.replace(
                    fact, key=key, file=name, validity_s=self.validity(name, fact.validity, near)
                )
                self.check_fact(name, found[key], near)
        for fact in found.values():
            for other in fact.derived.of if fact.derived else ():
                if other not in found:
                    raise self.fail(
                        fact.file, f'"{fact.key}" is derived from an unknown fact "{other}"', other
                    )
                if found[other].derived:
                    raise self.fail(
                        fact.file, f'"{fact.key}" is derived from "{other}", itself derived', other
                    )
        return found

    def validity(self, name: str, written: str, near: str) -> float | None:
        return None if written == "lifetime" else self.seconds(name, written, near)

    def seconds(self, name: str, written: str, near: str) -> float:
        quantity = units.parse(written, "time", "s")
        if isinstance(quantity, Refusal):
            raise self.fail(name, str(quantity), near)
        return float(quantity.to("s"))

    def check_fact(self, name: str, fact: Fact, near: str) -> None:
        if fact.type == "number" and (
            fact.unit not in units.UNITS or (fact.plausible is None and not fact.derived)
        ):
            raise self.fail(name, f'the number "{fact.key}" needs a known unit and a plausible range', near)
        if fact.type in {"choice", "set"} and not fact.choices:
            raise self.fail(name, f'"{fact.key}" needs its choices', near)
        spoken = (*fact.names, *fact.excludes, *(n for asking in fact.asks for n in asking.names))
        if any(n != n.lower() for n in spoken):
            raise self.fail(name, f'names of "{fact.key}" must be lower case', near)
        if any(not any(c.isalnum() for c in n) for n in spoken):
            raise self.fail(name, f'a name of "{fact.key}" has no letter and no digit', near)
        for code in fact.codes:
            if code.family and code.system != "icd10cm":
                raise self.fail(name, f"{code.code}: only ICD-10-CM codes have families", code.code)
            if code.means not in {"yes", "no", "value", "ask", *fact.choices}:
                raise self.fail(
                    name, f'code {code.code} means "{code.means}", which "{fact.key}" cannot be', code.code
                )

    def rules(self, facts: Mapping[str, Fact]) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        for name, raw in self.folder("rules"):
            rule = self.shape(name, raw, RuleFile)
            if rule.key in found:
                raise self.fail(name, _reused(found[rule.key]), "key")
            if name != f"rules/{rule.kind}/{rule.key}.toml":
                raise self.fail(name, f"expected at rules/{rule.kind}/{rule.key}.toml", "key")
            found[rule.key] = Rule(
                **{f: getattr(rule, f) for f in RuleFile.__struct_fields__},
                condition=self.condition(name, rule.when, facts),
                digest=digest(raw),
                file=name,
            )
            self.check_rule(name, found[rule.key], facts)
        self.check_tiles(found.values())
        self.check_resolves(found.values())
        return found

    def check_rule(self, name: str, rule: Rule, facts: Mapping[str, Fact]) -> None:
        if rule.strength == "absolute" and rule.overridden_by != "nobody":
            raise self.fail(name, 'an absolute rule needs overridden_by = "nobody"', "strength")
        if rule.action == "exclude" and rule.strength != "absolute":
            raise self.fail(name, "only an absolute rule excludes", "action")
        if (rule.kind == "monitoring") != (rule.alarm is not None):
            raise self.fail(name, "a monitoring rule, and only that, has an [alarm]", "kind")
        states = {e.state for e in rule.examples}
        if not {"fires", "silent", "unknown"} <= states:
            raise self.fail(name, "a rule needs examples that fire, stay silent and are unknown", "examples")
        if rule.alarm:
            self.seconds(name, rule.alarm.delay, "delay")
        if rule.lapses_on and rule.if_unknown == "note":
            raise self.fail(
                name, 'a rule that lapses asks afterwards: if_unknown is "ask" or "block"', "if_unknown"
            )
        for example in rule.examples:
            for written in example.ago.values():
                self.seconds(name, written, written)
        for key in () if rule.retired_on else sorted(facts_read(rule.condition)):
            if facts[key].retired_on:
                raise self.fail(name, f'the fact "{key}" was retired on {facts[key].retired_on}', key)

    def check_tiles(self, rules: Iterable[Rule]) -> None:
        """Rules that are bands of one fact: neighbours meet, and at most one end of the fact's range is left bare."""
        ladders: dict[str, list[tuple[float, float, Rule]]] = {}
        for rule in rules:
            if rule.band_of and not rule.retired_on:
                low, high = self.band(rule)
                ladders.setdefault(rule.band_of, []).append((low, high, rule))
        for bands in ladders.values():
            bands.sort(key=lambda band: band[:2])
            if len({facts_read(rule.condition) for *_, rule in bands}) > 1:
                raise self.fail(bands[-1][2].file, "bands of one name are bands of one fact", "band_of")
            for (_, before, _), (low, _, rule) in pairwise(bands):
                if low != before:
                    what = "leave a gap" if low > before else "overlap"
                    raise self.fail(rule.file, f"bands {what} between {before:g} and {low:g}", "when")
            if bands[0][0] > -math.inf and bands[-1][1] < math.inf:
                raise self.fail(bands[-1][2].file, "bands leave both ends of the range open", "when")

    def band(self, rule: Rule) -> tuple[float, float]:
        """A band holds its lower limit and not its upper one, so that neighbours meet without a doubt."""
        parts = rule.condition.of if isinstance(rule.condition, All) else (rule.condition,)
        low, high = -math.inf, math.inf
        for part in parts:
            if not isinstance(part, Compare) or part.operator not in {"at_least", "below"}:
                raise self.fail(rule.file, 'a band is "at_least", "below" or both of one number', "when")
            assert isinstance(part.value, int | float)
            low, high = (part.value, high) if part.operator == "at_least" else (low, part.value)
        if len({part.fact for part in parts if isinstance(part, Compare)}) > 1 or low >= high:
            raise self.fail(rule.file, "a band is one stretch of one number", "when")
        return low, high

    def check_resolves(self, rules: Iterable[Rule]) -> None:
        """What clears a rule must not itself wait for what the rule is about."""
        waits: dict[str, dict[str, Rule]] = {}
        for rule in rules:
            read = facts_read(rule.condition)
            for fact in read:
                for other in set(rule.resolves) - read:
                    waits.setdefault(fact, {})[other] = rule
        for start in sorted(waits):
            seen, ahead = set[str](), [(start, [start])]
            while ahead:
                fact, path = ahead.pop()
                for other, rule in sorted(waits.get(fact, {}).items()):
                    if other == start:
                        raise self.fail(
                            rule.file,
                            f"resolves goes round in a circle: {' > '.join([*path, other])}",
                            "resolves",
                        )
                    if other not in seen:
                        seen.add(other)
                        ahead.append((other, [*path, other]))

    def suggestions(self, facts: Mapping[str, Fact]) -> dict[str, Suggestion]:
        found = {}
        for key, written in self.by_key("suggestions", SuggestionFile).items():
            name = f"suggestions/{key}.toml"
            for fact in (*written.asks, *(r.fact for e in written.examples for r in e.readings)):
                if fact not in facts:
                    raise self.fail(name, f'unknown fact "{fact}"', fact)
            if {e.asks for e in written.examples} != {True, False}:
                raise self.fail(name, "a suggestion needs examples that ask and that do not", "examples")
            if written.days < 1 or not written.any:
                raise self.fail(name, "a suggestion needs a limit and at least one day", "days")
            found[key] = Suggestion(
                **{f: getattr(written, f) for f in SuggestionFile.__struct_fields__},
                limits=tuple(self.comparison(name, limit, facts) for limit in written.any),
                within_s=self.seconds(name, written.within, "within") if written.within else None,
                file=name,
            )
        return found

    def condition(self, name: str, raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> Condition:
        for word, type_ in (("all", All), ("any", Any_), ("none", None_)):
            if word in raw:
                if len(raw) != 1 or not raw[word]:
                    raise self.fail(name, f'"{word}" stands alone with a list of conditions', word)
                return type_(tuple(self.condition(name, part, facts) for part in raw[word]))
        return self.comparison(name, raw, facts)

    def comparison(self, name: str, raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> Compare:
        operators = [o for o in OPERATORS if o in raw]
        if "fact" not in raw or len(operators) != 1 or set(raw) - {"fact", "taken_within", *OPERATORS}:
            raise self.fail(
                name,
                f"a comparison is a fact, one operator of {OPERATORS} and perhaps taken_within: {dict(raw)}",
                "when",
            )
        fact = facts.get(raw["fact"])
        if fact is None:
            raise self.fail(name, f'unknown fact "{raw["fact"]}"', raw["fact"])
        operator, written = operators[0], raw[operators[0]]
        within = self.seconds(name, raw["taken_within"], "taken_within") if "taken_within" in raw else None
        return Compare(fact.key, operator, self.operand(name, fact, operator, written), within)  # type: ignore[arg-type]

    def operand(self, name: str, fact: Fact, operator: str, written: Any) -> Any:
        allowed = {
            "flag": {"is"},
            "choice": {"is"},
            "set": {"includes"},
            "date": set(),
            "number": {"is", "at_least", "above", "at_most", "below", "within"},
        }[fact.type]
        if operator not in allowed:
            raise self.fail(name, f'"{fact.key}" is a {fact.type}: "{operator}" does not fit', fact.key)
        if fact.type == "number":
            if operator == "within":
                low, high = (self.number(name, fact, w) for w in written)
                return (low, high)
            return self.number(name, fact, written)
        if fact.type == "flag" and written not in ("yes", "no"):
            raise self.fail(name, f'"{fact.key}" is yes or no, not "{written}"', fact.key)
        if fact.type in {"choice", "set"} and written not in fact.choices:
            raise self.fail(name, f'"{fact.key}" cannot be "{written}"', fact.key)
        return written == "yes" if fact.type == "flag" else written

    def number(self, name: str, fact: Fact, written: Any) -> float:
        """A number of a rule, written with its unit ("140 mmHg") and turned into the fact's unit."""
        quantity = units.parse(str(written), fact.key, fact.unit or "")
        if isinstance(quantity, Refusal):
            raise self.fail(name, str(quantity), str(written))
        return float(quantity.to(fact.unit or ""))

    def check_references(self, knowledge: Knowledge) -> None:
        for name, raw in self.files.items():
            for key in _evidence_keys(raw):
                if key not in knowledge.evidence:
                    raise self.fail(name, f'cites "{key}", which no file in evidence/ describes', key)
        for rule in knowledge.rules.values():
            for key in rule.resolves:
                if key not in knowledge.facts:
                    raise self.fail(rule.file, f'resolves names an unknown fact "{key}"', key)
            for key in rule.routes:
                if key not in knowledge.routes:
                    raise self.fail(rule.file, f'unknown route "{key}"', key)
        for route in knowledge.routes.values():
            self.check_route(f"routes/{route.key}.toml", route, knowledge)
        for protocol in knowledge.protocols.values():
            self.check_protocol(f"protocols/{protocol.key}.toml", protocol, knowledge)
        for product in knowledge.products.values():
            self.check_product(f"products/{product.key}.toml", product, knowledge)
        for checklist in knowledge.checklists.values():
            self.check_checklist(f"checklists/{checklist.key}.toml", checklist, knowledge)
        for instrument in knowledge.instruments.values():
            self.check_instrument(f"instruments/{instrument.key}.toml", instrument, knowledge)
        for language, words in knowledge.words.items():
            for key, said in words.items():
                self.check_words(f"text/{language}/instruments/{key}.toml", said, knowledge)

    def check_route(self, name: str, route: Route, knowledge: Knowledge) -> None:
        for check in route.checks:
            self.known_facts(name, "a check charts", check.readings, knowledge)
            self.times(name, *check.at, check.every)
        self.known_facts(name, "fasting asks", (f.fact for f in route.fasting), knowledge)
        self.times(name, *(f.least for f in route.fasting), route.between_units)
        self.times(name, route.delivery, route.minimum_observation, route.minimum_spacing)
        for site in route.sites:
            self.quantity(name, site.most, "mL")
        if bool(route.sites) != (route.given_as == "injection"):
            raise self.fail(name, "an injection, and only that, names its sites", "given_as")
        for variant in route.variants:
            self.times(name, variant.delivery, variant.between_units)
            self.times(name, variant.minimum_observation, variant.minimum_spacing)
            self.times(name, *(f.least for f in variant.fasting))
            self.known_facts(name, "fasting asks", (f.fact for f in variant.fasting), knowledge)
        for model in (route.model, *(v.model for v in route.variants)):
            if model and model not in knowledge.models:
                raise self.fail(name, f'unknown model "{model}"', "model")
            if model and route.key not in knowledge.models[model].get("routes", ()):
                raise self.fail(name, f'the model "{model}" is not for this route', "model")
        for guardrail in route.guardrails:
            for bound in filter(None, (guardrail.absolute, guardrail.recommended, guardrail.session_cap)):
                self.amounts(name, bound.low, bound.high)
            self.amounts(name, guardrail.start, *guardrail.steps)

    def check_protocol(self, name: str, protocol: Protocol, knowledge: Knowledge) -> None:
        if protocol.route not in knowledge.routes:
            raise self.fail(name, f'unknown route "{protocol.route}"', "route")
        for key in protocol.product_keys:
            if key not in knowledge.products:
                raise self.fail(name, f'unknown product "{key}"', key)
        keys = [phase.key for phase in protocol.phases]
        if not keys or len(set(keys)) < len(keys):
            raise self.fail(name, "a protocol has phases, each with a key of its own", "phases")
        for phase in protocol.phases:
            within = phase.at_most.within if phase.at_most else ""
            self.times(name, phase.spacing, phase.spacing_longest, phase.over, phase.delivery, within)
            self.amounts(name, phase.dose, *phase.doses)
        if protocol.change is not None:
            self.amounts(name, protocol.change.step_up)
            if protocol.change.instrument not in knowledge.instruments:
                raise self.fail(name, f'unknown instrument "{protocol.change.instrument}"', "instrument")
            if protocol.change.no_up_from_grade > protocol.change.down_from_grade:
                raise self.fail(name, "what lowers the dose also keeps it from rising", "no_up_from_grade")

    def check_product(self, name: str, product: Product, knowledge: Knowledge) -> None:
        for key in product.routes:
            if key not in knowledge.routes:
                raise self.fail(name, f'unknown route "{key}"', key)
        if product.compounded and not product.alerts:
            raise self.fail(name, "a compounded product carries the regulators' alerts", "compounded")
        for strength in product.strengths:
            self.quantity(name, strength.concentration, "mg" if strength.unit else "mg/mL")
        for pair in product.salt.equivalents:
            salt, base = self.quantity(name, pair.salt, "mg"), self.quantity(name, pair.base, "mg")
            exact = base * Decimal(str(product.salt.mg_per_mg_base))
            if exact.quantize(salt, rounding=ROUND_HALF_UP) != salt:
                raise self.fail(name, f"{pair.base} of base would be {exact} mg of salt", pair.salt)

    def check_checklist(self, name: str, checklist: Checklist, knowledge: Knowledge) -> None:
        if not checklist.steps:
            raise self.fail(name, "a checklist has steps", "steps")
        for key in checklist.rules:
            if key not in knowledge.rules:
                raise self.fail(name, f'unknown rule "{key}"', key)
        for step in checklist.steps:
            self.known_facts(name, "a step charts", step.charts, knowledge)
            self.times(name, step.within, step.repeat_every)
            for medicine in step.medicines:
                if medicine.dose and not medicine.evidence:
                    raise self.fail(name, f'the dose of "{medicine.name}" needs a source', medicine.name)

    def known_facts(self, name: str, what: str, keys: Iterable[str], knowledge: Knowledge) -> None:
        for key in keys:
            if key not in knowledge.facts:
                raise self.fail(name, f'{what} an unknown fact "{key}"', key)

    def times(self, name: str, *written: str) -> None:
        for one in filter(None, written):
            self.seconds(name, one, one)

    def amounts(self, name: str, *written: str) -> None:
        for one in written:
            self.quantity(name, one, "mg/kg" if one.endswith("/kg") else "mg")

    def quantity(self, name: str, written: str, unit: str) -> Decimal:
        quantity = units.parse(written, "amount", unit)
        if isinstance(quantity, Refusal):
            raise self.fail(name, str(quantity), written)
        return quantity.to(unit)

    def check_instrument(self, name: str, instrument: Instrument, knowledge: Knowledge) -> None:
        if instrument.fact and instrument.fact not in knowledge.facts:
            raise self.fail(name, f'states an unknown fact "{instrument.fact}"', "fact")
        for limit in LIMITS:
            if (getattr(instrument, limit) is None) != (limit in instrument.text.not_computed):
                raise self.fail(name, f"{limit} is a number, or says in text.not_computed why not", limit)
        for key in instrument.basis:
            if not hasattr(instrument, key):
                raise self.fail(name, f'basis of "{key}", which an instrument does not have', key)
        if instrument.schedule:
            for written in (*instrument.schedule.after_dose, instrument.schedule.then_every or "1 d"):
                self.seconds(name, written, written)
        self.check_bands(name, instrument)

    def check_bands(self, name: str, instrument: Instrument) -> None:
        bands = sorted(instrument.bands, key=lambda b: b.low)
        if not bands and "bands" in instrument.text.not_computed:
            return
        edges = [(instrument.minimum - 1, instrument.minimum - 1)] + [(b.low, b.high) for b in bands]
        for (_, before), (low, _) in pairwise(edges):
            if low != before + 1:
                raise self.fail(name, f"bands leave a gap or overlap between {before:g} and {low:g}", "bands")
        if not bands or bands[-1].high != instrument.maximum:
            raise self.fail(name, f"bands must end at {instrument.maximum}", "bands")
        if any(b.high < b.low for b in bands) or len({b.name for b in bands}) != len(bands):
            raise self.fail(name, "each band has its own name and ends where it begins or later", "bands")

    def check_words(self, name: str, words: InstrumentWords, knowledge: Knowledge) -> None:
        instrument = knowledge.instruments.get(words.key)
        if instrument is None:
            raise self.fail(name, f'words of an unknown instrument "{words.key}"', "key")
        for field in ("items", "answers"):
            if len(getattr(words, field)) != len(getattr(instrument, field)):
                raise self.fail(name, f"as many {field} are needed as the instrument has", field)


def facts_read(condition: Condition) -> frozenset[str]:
    """The facts that a condition names."""
    if isinstance(condition, Compare):
        return frozenset((condition.fact,))
    return frozenset().union(*(facts_read(part) for part in condition.of))


def _reused(rule: Rule) -> str:
    retired = (
        f", where it was retired on {rule.retired_on}: a key is never used again" if rule.retired_on else ""
    )
    return f'the key "{rule.key}" is used twice (also in {rule.file}{retired})'


def _evidence_keys(raw: Any) -> list[str]:
    """Every key cited below an `evidence` list, however deep."""
    if isinstance(raw, dict):
        own = (
            [k for k in raw.get("evidence", []) if isinstance(k, str)]
            if isinstance(raw.get("evidence"), list)
            else []
        )
        return own + [k for v in raw.values() for k in _evidence_keys(v)]
    if isinstance(raw, list):
        return [k for v in raw for k in _evidence_keys(v)]
    return []


def line_of(text: str, near: str) -> int | None:
    """The line that most likely carries the fault: where `near` first stands as a key, else as a word."""
    if not near:
        return None
    lines = text.splitlines()
    word = re.escape(near.strip("[]"))
    patterns = (rf"^\s*\[*{word}\]*\s*(=|$)", rf"(?<![\w-]){word}(?![\w-])", word)
    for pattern in patterns:
        for number, line in enumerate(lines, start=1):
            if re.search(pattern, line):
                return number
    return None


def _route_of_today(raw: dict[str, Any]) -> dict[str, Any]:
    """Before 2026-11-25 a route said `infusion`; whatever had no pump was the spray."""
    if "infusion" not in raw:
        return raw
    given_as = "infusion" if raw["infusion"] else "spray"
    return {k: v for k, v in raw.items() if k != "infusion"} | {"given_as": given_as}


def _protocol_of_today(raw: dict[str, Any]) -> dict[str, Any]:
    """Before 2026-11-25 a protocol was one phase and had no stop rule beyond its review."""
    if "phases" in raw:
        return raw
    names = ("sessions", "spacing", "over", "dose", "delivery", "review_after", "basis")
    phase = {name: raw[name] for name in names if name in raw} | {"key": "series", "text": raw["text"]}
    text = {"rule": raw["text"]["summary"], "how": ""}
    stop = {"after": raw["review_after"], "basis": raw["basis"], "text": text}
    return {k: v for k, v in raw.items() if k not in names} | {"phases": [phase], "stop": stop}


def route_for(knowledge: Knowledge, key: str, substance: str) -> Route:
    """A route as this substance is given by it: its own guardrails and checks, and what its variant says."""
    route = knowledge.routes[key]
    route = msgspec.structs.replace(
        route,
        guardrails=tuple(g for g in route.guardrails if substance in g.products),
        checks=tuple(c for c in route.checks if not c.products or substance in c.products),
        variants=(),
    )
    for variant in knowledge.routes[key].variants:
        if substance in variant.products:
            said = {f: getattr(variant, f) for f in Variant.__struct_fields__ if f != "products"}
            changed = {f: v for f, v in said.items() if v or (f == "model" and v is not None)}
            route = msgspec.structs.replace(route, **changed)
    return route


def duration_s(written: str) -> float:
    """Seconds of a time that `load` has already checked ("40 min" -> 2400.0)."""
    quantity = units.parse(written, "time", "s")
    assert not isinstance(quantity, Refusal), written
    return float(quantity.to("s"))
