"""TOML files -> validated `Knowledge`, or `KnowledgeError` naming file and line.

`load` checks shapes and references. What needs a higher layer (that examples agree with the engine) is checked
by `serein.safety.pack`, which is what the command line and the shell use.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from serein import units
from serein.errors import KnowledgeError, Refusal
from serein.knowledge.types import (
    All,
    Any_,
    Compare,
    Condition,
    Data,
    Evidence,
    Fact,
    Instrument,
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
    "models",
)
OPERATORS = ("is", "at_least", "above", "at_most", "below", "includes", "within")
UNHASHED = ("text", "written_by", "checked_by", "reviewed_on", "review_due")

D = TypeVar("D", bound=Data)


def pack_files(directory: Path = HERE) -> dict[str, str]:
    """The text of every knowledge file below `directory`, by its path inside it."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((directory / folder).rglob("*.toml")):
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
        routes=reader.by_key("routes", Route),
        protocols=reader.by_key("protocols", Protocol),
        models={raw["key"]: raw for _, raw in reader.folder("models")},
        hash=digest(pack.files),
        pack=pack,
    )
    reader.check_references(knowledge)
    return knowledge


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
        return KnowledgeError(name, _line_of(self.texts.get(name, ""), near), problem)

    def folder(self, folder: str) -> list[tuple[str, dict[str, Any]]]:
        return [(n, raw) for n, raw in sorted(self.files.items()) if n.startswith(f"{folder}/")]

    def shape(self, name: str, raw: Any, type_: type[D], near: str = "") -> D:
        try:
            return msgspec.convert(raw, type_, strict=False)
        except msgspec.ValidationError as error:
            path = re.search(r"`\$\.?([^`]*)`", str(error))
            named = re.search(r"field `(\w+)`", str(error))
            last = (named[1] if named else "") or (path[1].split(".")[-1].split("[")[0] if path else "")
            raise self.fail(name, str(error), last or near) from None

    def by_key(self, folder: str, type_: type[D]) -> dict[str, D]:
        found: dict[str, D] = {}
        for name, raw in self.folder(folder):
            value = self.shape(name, raw, type_)
            key: str = value.key  # type: ignore[attr-defined]  # every folder's shape has one
            if Path(name).stem != key:
                raise self.fail(name, f'the key "{key}" must be the file\'s name', "key")
            if key in found:
                raise self.fail(name, f'the key "{key}" is used twice', "key")
            found[key] = value
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
                raise self.fail(
                    name, f'the key "{rule.key}" is used twice (also in {found[rule.key].file})', "key"
                )
            if name != f"rules/{rule.kind}/{rule.key}.toml":
                raise self.fail(name, f"expected at rules/{rule.kind}/{rule.key}.toml", "key")
            found[rule.key] = Rule(
                **{f: getattr(rule, f) for f in RuleFile.__struct_fields__},
                condition=self.condition(name, rule.when, facts),
                digest=digest(raw),
                file=name,
            )
            self.check_rule(name, found[rule.key])
        return found

    def check_rule(self, name: str, rule: Rule) -> None:
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
            if protocol.route not in knowledge.routes:
                raise self.fail(
                    f"protocols/{protocol.key}.toml", f'unknown route "{protocol.route}"', "route"
                )
        for product in knowledge.products.values():
            for key in product.routes:
                if key not in knowledge.routes:
                    raise self.fail(f"products/{product.key}.toml", f'unknown route "{key}"', key)
        for instrument in knowledge.instruments.values():
            self.check_bands(f"instruments/{instrument.key}.toml", instrument)

    def check_route(self, name: str, route: Route, knowledge: Knowledge) -> None:
        for check in route.checks:
            for key in check.readings:
                if key not in knowledge.facts:
                    raise self.fail(name, f'a check charts an unknown fact "{key}"', key)
            for written in (*check.at, *([check.every] if check.every else [])):
                self.seconds(name, written, written)
        for written in (route.delivery, route.minimum_observation, route.minimum_spacing):
            self.seconds(name, written, written)
        if route.model and route.model not in knowledge.models:
            raise self.fail(name, f'unknown model "{route.model}"', "model")

    def check_bands(self, name: str, instrument: Instrument) -> None:
        bands = sorted(instrument.bands, key=lambda b: b.low)
        edges = [(instrument.minimum - 1, instrument.minimum - 1)] + [(b.low, b.high) for b in bands]
        for (_, before), (low, _) in pairwise(edges):
            if low != before + 1:
                raise self.fail(name, f"bands leave a gap or overlap between {before:g} and {low:g}", "bands")
        if not bands or bands[-1].high != instrument.maximum:
            raise self.fail(name, f"bands must end at {instrument.maximum}", "bands")


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


def _line_of(text: str, near: str) -> int | None:
    """The line that most likely carries the fault: where `near` first stands as a key, else as a word."""
    if not near:
        return None
    lines = text.splitlines()
    patterns = (rf"^\s*\[*{re.escape(near.strip('[]'))}\]*\s*(=|$)", re.escape(near.strip("[]")))
    for pattern in patterns:
        for number, line in enumerate(lines, start=1):
            if re.search(pattern, line):
                return number
    return None


def duration_s(written: str) -> float:
    """Seconds of a time that `load` has already checked ("40 min" -> 2400.0)."""
    quantity = units.parse(written, "time", "s")
    assert not isinstance(quantity, Refusal), written
    return float(quantity.to("s"))
