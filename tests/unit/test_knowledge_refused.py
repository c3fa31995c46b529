"""What must not load says in which file, on which line, and what is wrong."""

from __future__ import annotations

import pytest

from serein.errors import KnowledgeError
from serein.knowledge.load import build, pack_files, parse_toml
from serein.knowledge.types import Pack
from serein.safety.pack import check_examples

TEXTS = pack_files()
FEVER = "rules/cautions/fever.toml"


def rule(key: str = "fever", **changed: str) -> str:
    """A rule that loads, or one with a line changed ("" leaves it out)."""
    lines = {
        "key": f'"{key}"',
        "kind": '"cautions"',
        "stages": '["screening"]',
        "products": '["ketamine"]',
        "strength": '"caution"',
        "basis": '"assumption"',
        "action": '"caution"',
        "if_unknown": '"note"',
        "evidence": "[]",
        "resolves": '["body_temperature"]',
        "written_by": '"a test"',
        "checked_by": '"nobody"',
        "reviewed_on": "2026-01-01",
        "review_due": "2027-01-01",
        "when": '{ fact = "body_temperature", at_least = "38 Cel" }',
        "text": '{ title = "Fever", why = "A test." }',
    } | changed
    examples = changed.pop("examples", None) or "\n".join(
        f'[[examples]]\nnote = "{note}"\nfacts = {facts}\nstate = "{state}"'
        for note, facts, state in (
            ("hot", "{ body_temperature = 38 }", "fires"),
            ("cool", "{ body_temperature = 37 }", "silent"),
            ("not measured", "{}", "unknown"),
        )
    )
    lines.pop("examples", None)
    return "\n".join(f"{k} = {v}" for k, v in lines.items() if v) + "\n" + examples + "\n"


def loaded(files: dict[str, str]) -> None:
    texts = TEXTS | files
    parsed = {name: parse_toml(name, text) for name, text in texts.items()}
    check_examples(build(Pack(parsed), texts), texts)


def refused(files: dict[str, str]) -> KnowledgeError:
    with pytest.raises(KnowledgeError) as caught:
        loaded(files)
    return caught.value


def line(text: str, start: str) -> int:
    return next(n for n, written in enumerate(text.splitlines(), 1) if written.startswith(start))


def test_the_rule_that_the_other_tests_change_loads() -> None:
    loaded({FEVER: rule()})


# what is changed, where the line is, what is said
ONE_LINE = [
    ({"when": '{ fact = "temperature", at_least = "38 Cel" }'}, "when", 'unknown fact "temperature"'),
    ({"when": '{ fact = "body_temperature", at_least = "38 mmHg" }'}, "when", "mmHg"),
    ({"when": '{ fact = "body_temperature", at_least = "38" }'}, "when", "38"),
    ({"when": '{ fact = "body_temperature", is_over = "38 Cel" }'}, "when", "one operator"),
    ({"if_unknown": ""}, "key", "if_unknown"),
    ({"if_unknown": '"perhaps"'}, "if_unknown", "perhaps"),
    ({"strenght": '"caution"'}, "strenght", "strenght"),
    ({"resolves": '["temperature"]'}, "resolves", "unknown fact"),
    ({"evidence": '["no-such-source"]'}, "evidence", "no-such-source"),
    ({"action": '"exclude"'}, "action", "only an absolute rule excludes"),
    ({"strength": '"absolute"'}, "strength", 'overridden_by = "nobody"'),
    ({"lapses_on": "2026-12-31"}, "if_unknown", "lapses"),
    ({"band_of": '"heat"', "when": '{ fact = "body_temperature", above = "38 Cel" }'}, "when", "a band is"),
    ({"key": "heat"}, "key", "expected at rules/cautions/heat.toml"),
]


@pytest.mark.parametrize(("changed", "at", "said"), ONE_LINE)
def test_a_rule_with_one_thing_wrong_is_refused_on_its_line(changed, at, said) -> None:
    text = rule(**changed)
    error = refused({FEVER: text})
    assert (error.file, error.line) == (FEVER, line(text, at))
    assert said in error.problem


def test_broken_toml_is_refused_on_its_line() -> None:
    text = rule().replace('strength = "caution"', 'strength = "caution')
    error = refused({FEVER: text})
    assert (error.file, error.line) == (FEVER, line(text, "strength"))


def test_an_example_that_disagrees_is_refused_on_the_line_of_its_note() -> None:
    text = rule().replace("{ body_temperature = 37 }", "{ body_temperature = 39 }")
    error = refused({FEVER: text})
    assert (error.file, error.line) == (FEVER, line(text, 'note = "cool"'))
    assert error.problem == 'example "cool" says silent, the rule says fires'


def test_an_example_of_an_unknown_fact_is_refused_on_the_line_of_its_note() -> None:
    text = rule().replace("{ body_temperature = 37 }", "{ temperature = 37 }")
    error = refused({FEVER: text})
    assert (error.line, error.problem) == (
        line(text, 'note = "cool"'),
        'an example names an unknown fact "temperature"',
    )


def test_a_rule_without_an_example_for_unknown_is_refused() -> None:
    text = rule().replace('state = "unknown"', 'state = "silent"')
    assert "are unknown" in refused({FEVER: text}).problem


def test_an_example_can_say_how_old_a_fact_is() -> None:
    text = rule(when='{ fact = "body_temperature", at_least = "38 Cel", taken_within = "1 h" }')
    aged = '[[examples]]\nnote = "old"\nfacts = { body_temperature = 39 }\nago = { body_temperature = "61 min" }\n'
    loaded({FEVER: text + aged + 'state = "unknown"\n'})
    assert "says fires" in refused({FEVER: text + aged + 'state = "fires"\n'}).problem


OTHER = "rules/contraindications/fever.toml"


def test_a_key_used_twice_is_refused_and_names_the_other_file() -> None:
    text = rule(kind='"contraindications"')
    error = refused({FEVER: rule(), OTHER: text})
    assert (error.file, error.line) == (OTHER, line(text, "key"))
    assert f"also in {FEVER}" in error.problem


def test_the_key_of_a_retired_rule_is_never_used_again() -> None:
    error = refused({FEVER: rule(retired_on="2026-06-01"), OTHER: rule(kind='"contraindications"')})
    assert "retired on 2026-06-01: a key is never used again" in error.problem


def test_a_rule_on_a_retired_fact_is_refused_and_a_retired_rule_is_not() -> None:
    facts = TEXTS["facts/vitals.toml"].replace(
        "[body_temperature]\n", "[body_temperature]\nretired_on = 2026-06-01\n"
    )
    text = rule()
    error = refused({FEVER: text, "facts/vitals.toml": facts})
    assert (error.file, error.line) == (FEVER, line(text, "resolves"))
    assert "retired on 2026-06-01" in error.problem


def band(key: str, low: str, high: str, **changed: str) -> dict[str, str]:
    """A band of the temperature from `low` up to `high`, either of which may be open ("")."""
    ends = [f'{{ fact = "body_temperature", at_least = "{low} Cel" }}'] if low else []
    ends += [f'{{ fact = "body_temperature", below = "{high} Cel" }}'] if high else []
    inside = float(low) if low else float(high) - 1
    outside = float(low) - 1 if low else float(high) + 1
    examples = "\n".join(
        f'[[examples]]\nnote = "{state}"\nfacts = {facts}\nstate = "{state}"'
        for facts, state in (
            (f"{{ body_temperature = {inside} }}", "fires"),
            (f"{{ body_temperature = {outside} }}", "silent"),
            ("{}", "unknown"),
        )
    )
    when = f"{{ all = [{', '.join(ends)}] }}"
    return {
        f"rules/cautions/{key}.toml": rule(key, band_of='"heat"', when=when, examples=examples, **changed)
    }


def test_bands_that_tile_the_range_load() -> None:
    loaded(band("warm", "37", "38") | band("hot", "38", "39") | band("very-hot", "39", ""))


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        (band("warm", "37", "38") | band("hot", "38.5", ""), "leave a gap between 38 and 38.5"),
        (band("warm", "37", "38.5") | band("hot", "38", ""), "overlap between 38.5 and 38"),
        (band("warm", "37", "38") | band("hot", "38", "39"), "leave both ends of the range open"),
    ],
)
def test_bands_with_a_gap_an_overlap_or_two_open_ends_are_refused(bands, said) -> None:
    error = refused(bands)
    assert error.file == "rules/cautions/hot.toml"
    assert error.line == line(bands[error.file], "when")
    assert said in error.problem


def test_rules_that_clear_each_other_in_a_circle_are_refused() -> None:
    one = rule(resolves='["heart_rate"]')
    two = rule("pulse", when='{ fact = "heart_rate", above = "120 /min" }', resolves='["body_temperature"]')
    two = two.replace("body_temperature = 38", "heart_rate = 130").replace(
        "body_temperature = 37", "heart_rate = 80"
    )
    loaded({FEVER: one})
    error = refused({FEVER: one, "rules/cautions/pulse.toml": two})
    assert error.line == line(one, "resolves")
    assert (
        error.problem == "resolves goes round in a circle: body_temperature > heart_rate > body_temperature"
    )
