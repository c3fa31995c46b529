"""The engine's parts, one by one: derived facts, which statement counts, what a finding carries, what a pack refuses."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from serein.errors import KnowledgeError, Refusal
from serein.instruments import Scored, compare, disagreements
from serein.instruments.examples import structure_disagreements
from serein.knowledge import load
from serein.knowledge.types import All, Any_, Compare, Derived, Fact, FactText, None_
from serein.logic import Facts, Known, Statement, Truth, Unknown, evaluate, truth_of
from serein.safety import Override, Question
from serein.safety import evaluate as decide
from serein.safety.decision import canonical, from_json
from serein.safety.evaluate import judge, sentence
from serein.safety.pack import check_examples, default_store, example_value, state_in_example, usable_pack

AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
PACK = load()


def fact(key, type_="number", **more):
    return Fact(key=key, type=type_, stage="screening", text=FactText(ask=key), **more)


def derived(key, function, of, unit=None):
    return fact(key, unit=unit, derived=Derived(function=function, of=of))


FACTS = {
    f.key: f
    for f in (
        fact("weight", unit="kg"),
        fact("height", unit="cm"),
        fact("now", unit="mmHg", validity_s=3600.0),
        fact("before", unit="mmHg"),
        fact("born", "date"),
        fact("since", "date"),
        fact("ever", "flag", span="ever"),
        fact("today", "flag", validity_s=60.0),
        fact("colours", "set", choices=("red", "blue")),
        derived("index", "body_mass_index", ("weight", "height"), "kg/m2"),
        derived("rise", "change_from_baseline", ("now", "before"), "mmHg"),
        derived("percent", "percent_change_from_baseline", ("now", "before"), "%"),
        derived("age", "time_since", ("born",), "a"),
        derived("hours", "time_since", ("since",), "h"),
        derived("days", "time_since", ("since",), "d"),
        derived("seconds", "time_since", ("since",)),
    )
}
KNOWLEDGE = msgspec.structs.replace(PACK, facts=FACTS)


def said(key, value, ago=0.0, **more):
    at = AT - dt.timedelta(seconds=ago)
    return Statement(key, value, at, more.pop("source", "staff"), more.pop("because", f"{key} said"), **more)


def facts(*statements):
    return Facts(statements, KNOWLEDGE, AT)


def value(key, *statements):
    found = facts(*statements)[key]
    return found.value if isinstance(found, Known) else found.why


DERIVED = [
    ("index", [said("weight", 81.0), said("height", 180.0)], pytest.approx(25.0)),
    ("index", [said("weight", 81.0), said("height", 0.0)], "not computable"),
    ("rise", [said("now", 150.0), said("before", 120.0)], 30.0),
    ("percent", [said("now", 150.0), said("before", 120.0)], pytest.approx(25.0)),
    ("percent", [said("now", 150.0), said("before", 0.0)], "not computable"),
    ("age", [said("born", "1986-11-22")], 40.0),
    ("age", [said("born", "1986-11-23")], 39.0),
    ("age", [said("born", "1986-12-01")], 39.0),
    ("age", [said("born", "1986-10-30")], 40.0),
    ("age", [said("born", "2026-11-22")], 0.0),
    ("age", [said("born", "2027-01-01")], "not computable"),
    ("hours", [said("since", "2026-11-22T06:30:00+00:00")], 2.5),
    ("hours", [said("since", "2026-11-22T06:30:00")], 2.5),
    ("hours", [said("since", "2026-11-22T08:30:00+02:00")], 2.5),
    ("hours", [said("since", "2026-11-22T09:00:00")], 0.0),
    ("hours", [said("since", "2026-11-22T09:00:01")], "not computable"),
    ("days", [said("since", "2026-11-20")], 2.375),
    ("seconds", [said("since", "2026-11-22T08:59:00")], 60.0),
    ("rise", [said("now", 150.0)], "not computable"),
    ("rise", [], "not computable"),
]


@pytest.mark.parametrize(("key", "statements", "expected"), DERIVED)
def test_a_derived_fact_is_computed_or_says_that_it_cannot_be(key, statements, expected):
    assert value(key, *statements) == expected


def test_a_derived_fact_says_what_it_was_computed_from_and_when_it_held():
    rise = facts(said("now", 150.0, 60), said("before", 120.0, 600))["rise"]
    (only,) = rise.statements
    assert only.because == "computed from now 150 and before 120"
    assert (only.fact, only.value, only.source, only.at) == (
        "rise",
        30.0,
        "computed",
        AT - dt.timedelta(seconds=60),
    )
    age = facts(said("born", "1986-11-22", 600))["age"]
    assert age.statements[0].because == "computed from born 1986-11-22"
    assert age.at == AT


def test_what_was_missing_for_a_derived_fact_is_carried_on():
    lapsed = said("now", 150.0, 3601)
    found = facts(lapsed, said("before", 120.0))["rise"]
    assert found == Unknown("not computable", (lapsed,))
    nothing = facts(said("weight", 81.0), said("height", 0.0))["index"]
    assert [s.fact for s in nothing.statements] == ["weight", "height"]


def test_a_stated_value_stands_only_where_nothing_can_be_computed():
    assert value("rise", said("rise", 5.0), said("now", 150.0), said("before", 120.0)) == 30.0
    assert value("rise", said("rise", 5.0), said("now", 150.0)) == 5.0


WHICH = [
    ("today", [said("today", False, 60)], False),
    ("today", [said("today", False, 61)], "lapsed"),
    ("today", [said("today", None, 61), said("today", False, 70)], "lapsed"),
    ("today", [said("today", False, 30), said("today", None, 20)], "asked"),
    ("today", [said("today", False, 20), said("today", None, 30)], False),
    ("today", [said("today", False, 20), said("today", None, 20)], False),
    ("today", [said("today", True, 30), said("today", None, 20)], True),
    ("today", [said("today", None, 20)], "asked"),
    ("today", [said("today", True, 20), said("today", False, 10)], False),
    ("today", [said("today", True, 20), said("today", False, 20)], "disagreement"),
    ("today", [said("today", True, -1)], "never stated"),
    ("today", [said("today", True, 5, id="1"), said("today", False, 9, id="2", supersedes=("1",))], False),
    ("today", [said("today", True, 5, id="1"), said("today", False, 9, supersedes=("9",))], True),
    ("ever", [said("ever", True, 9e8), said("ever", True, 1)], True),
    ("ever", [said("ever", True, 9e8), said("ever", False, 1)], "disagreement"),
    ("ever", [said("ever", False, 9), said("ever", False, 1)], False),
    ("ever", [said("ever", False, 9), said("ever", None, 1)], "asked"),
]


@pytest.mark.parametrize(("key", "statements", "expected"), WHICH)
def test_which_statement_counts(key, statements, expected):
    assert value(key, *statements) == expected
    assert value(key, *statements[::-1]) == expected


def test_unknown_says_what_it_was_that_lapsed_asked_or_disagreed():
    old, older = said("today", True, 61), said("today", True, 99)
    assert facts(older, old)["today"].statements == (old,)
    asked = said("today", None, 5)
    assert facts(said("today", False, 9), asked)["today"].statements == (asked,)
    yes, no = said("ever", True, 9), said("ever", False, 1)
    assert facts(no, yes)["ever"].statements == (yes, no)
    assert facts(yes, said("ever", True, 1))["ever"].statements == (said("ever", True, 1), yes)


def test_what_is_known_is_listed_by_key_and_what_is_not_is_left_out():
    found = facts(said("today", True), said("before", 120.0), said("now", 1.0, 9999)).known()
    assert list(found) == ["before", "today"]
    assert facts(said("now", 1.0, 5), said("now", 2.0, 3)).stated("now")[0].value == 2.0
    assert facts().stated("now") == ()
    assert facts(said("now", 1.0, 90)).age_s(facts(said("now", 1.0, 90))["now"]) == 90.0


YES, NO = Compare("today", "is", True), Compare("ever", "is", True)
LATE = Compare("before", "above", 100.0)


def outcome(condition, *statements):
    return evaluate(condition, facts(*statements))


def test_an_outcome_names_what_decided_and_what_was_missing():
    both = [said("today", True), said("ever", False)]
    assert outcome(All((YES, NO)), *both).used == ("ever",)
    assert outcome(Any_((YES, NO)), *both).used == ("today",)
    assert outcome(None_((YES, NO)), *both).used == ("today",)
    assert outcome(None_((NO,)), *both).used == ("ever",)
    assert outcome(All((YES, NO)), said("today", True), said("ever", True)).used == ("today", "ever")
    unknown = outcome(All((YES, NO, LATE)), said("today", True))
    assert (unknown.truth, unknown.used, unknown.missing) == (Truth.UNKNOWN, ("today",), ("ever", "before"))
    settled = outcome(All((YES, NO)), said("today", False))
    assert (settled.truth, settled.missing) == (Truth.FALSE, ())


OPERATORS = [
    ("at_least", 120.0, {119.0: False, 120.0: True, 121.0: True}),
    ("above", 120.0, {120.0: False, 121.0: True}),
    ("at_most", 120.0, {119.0: True, 120.0: True, 121.0: False}),
    ("below", 120.0, {119.0: True, 120.0: False}),
    ("is", 120.0, {120.0: True, 121.0: False}),
    ("within", (110.0, 120.0), {109.0: False, 110.0: True, 115.0: True, 120.0: True, 121.0: False}),
]


@pytest.mark.parametrize(("operator", "want", "held"), OPERATORS)
def test_each_operator_at_its_edges(operator, want, held):
    for given, expected in held.items():
        truth = truth_of(Compare("before", operator, want), facts(said("before", given)))
        assert truth is (Truth.TRUE if expected else Truth.FALSE)


def test_a_set_includes_what_is_in_it():
    compare_ = Compare("colours", "includes", "red")
    assert truth_of(compare_, facts(said("colours", ("red", "blue")))) is Truth.TRUE
    assert truth_of(compare_, facts(said("colours", ("blue",)))) is Truth.FALSE
    assert truth_of(compare_, facts(said("colours", ()))) is Truth.FALSE
    assert truth_of(compare_, facts()) is Truth.UNKNOWN


def test_truth_never_slips_through_an_if():
    with pytest.raises(TypeError, match=r"^compare a Truth with `is`; it may be unknown$"):
        bool(Truth.TRUE)


# ── findings ──

QUESTION = Question("session", "ketamine", "intravenous", AT)
SEVERE = PACK.rules["pressure-severe-before-dose"]


def pressure(systolic, ago=0.0, **more):
    at = AT - dt.timedelta(seconds=ago)
    return Statement("systolic_pressure", systolic, at, "device", **more)


def test_a_statement_is_one_line_in_the_words_of_the_record_or_in_its_own():
    assert sentence(said("today", True, because="the record says so")) == "the record says so"
    assert sentence(said("today", True, because="")) == "today yes (staff, 2026-11-22)"
    assert sentence(said("today", False, because="")) == "today no (staff, 2026-11-22)"
    assert sentence(said("today", None, because="")) == "today not recorded (staff, 2026-11-22)"
    assert sentence(said("now", 120.5, because="")) == "now 120.5 (staff, 2026-11-22)"


def test_a_finding_carries_its_rule_and_what_it_rests_on():
    found = judge(SEVERE, Facts([pressure(180.0, because="cuff")], PACK, AT))
    assert found is not None
    assert (found.rule, found.digest, found.kind) == (SEVERE.key, SEVERE.digest, SEVERE.kind)
    assert (found.action, found.strength, found.basis) == (SEVERE.action, SEVERE.strength, SEVERE.basis)
    assert (found.if_unknown, found.state) == (SEVERE.if_unknown, "fires")
    assert (found.because, found.facts, found.missing) == (("cuff",), ("systolic_pressure",), ())
    assert (found.evidence, found.resolves) == (SEVERE.evidence, SEVERE.resolves)
    assert (found.overridable, found.overridden) == (False, None)


def test_grounds_are_what_was_said_and_change_with_it():
    grounds = [judge(SEVERE, Facts([pressure(v)], PACK, AT)).grounds for v in (180.0, 180.0, 181.0)]
    assert grounds[0] == grounds[1] != grounds[2]
    again = judge(SEVERE, Facts([pressure(180.0, 60, because="other words")], PACK, AT))
    assert again.grounds == grounds[0]
    assert judge(SEVERE, Facts([], PACK, AT)).grounds != grounds[0]
    assert all(len(g) == 64 for g in grounds)


def test_what_only_the_clock_computes_is_not_part_of_the_grounds():
    rule = PACK.rules["too-early-after-infusion"]
    at = [Statement("minutes_since_dosing_end", m, AT, "computed") for m in (10.0, 11.0)]
    first, second = (judge(rule, Facts([s], PACK, AT)) for s in at)
    assert first.grounds == second.grounds


def overridable(strength, by, if_unknown, fires):
    rule = msgspec.structs.replace(SEVERE, strength=strength, overridden_by=by, if_unknown=if_unknown)
    given = [pressure(180.0)] if fires else []
    return judge(rule, Facts(given, PACK, AT)).overridable


@pytest.mark.parametrize(
    ("strength", "by", "if_unknown", "fires", "may"),
    [
        ("relative", "prescriber", "block", True, True),
        ("relative", "prescriber", "ask", False, True),
        ("relative", "prescriber", "block", False, False),
        ("relative", "prescriber", "note", False, False),
        ("relative", "nobody", "ask", True, False),
        ("relative", "nobody", "ask", False, False),
        ("relative", "nobody", "note", False, True),
        ("absolute", "prescriber", "ask", True, False),
        ("absolute", "nobody", "ask", False, False),
        ("absolute", "nobody", "note", False, True),
        ("absolute", "prescriber", "note", True, False),
    ],
)
def test_who_may_override_what(strength, by, if_unknown, fires, may):
    assert overridable(strength, by, if_unknown, fires) is may


HIGH = PACK.rules["pressure-high-before-ketamine"]


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"grounds": ""}, True),
        ({"grounds": "0" * 64}, False),
        ({"digest": "0" * 64}, False),
        ({"state": "unknown"}, False),
        ({"rule": "another"}, False),
    ],
)
def test_an_override_holds_for_the_very_finding_it_was_made_on(changes, holds):
    found = judge(HIGH, Facts([pressure(150.0)], PACK, AT))
    made = Override(found.rule, found.digest, found.state, "a prescriber", AT, "weighed", found.grounds)
    other = Override("another", "", "fires", "x", AT, "y")
    again = judge(HIGH, Facts([pressure(150.0)], PACK, AT), (other, msgspec.structs.replace(made, **changes)))
    assert (again.overridden is not None) is holds
    if holds:
        assert again.overridden.by == "a prescriber"


def test_a_decision_says_what_is_missing_why_and_for_which_rules():
    decision = decide(QUESTION, [pressure(150.0, 1801, because="an old cuff")], PACK)
    by_fact = {m.fact: m for m in decision.missing}
    old = by_fact["systolic_pressure"]
    assert (old.why, old.because) == ("too old", ("an old cuff",))
    assert {"pressure-high-before-ketamine", "pressure-severe-before-dose"} <= set(old.rules)
    assert by_fact["heart_rate"].why == "never stated"
    assert by_fact["heart_rate"].because == ()
    order = [m.if_unknown for m in decision.missing]
    assert order == sorted(order, key=("block", "ask", "note").index)
    assert [m.fact for m in decision.missing if m.if_unknown == "block"] == sorted(
        m.fact for m in decision.missing if m.if_unknown == "block"
    )


def test_a_decision_keeps_its_question_its_statements_in_order_and_its_facts():
    given = [pressure(150.0, 5), pressure(181.0, 1)]
    decision = decide(QUESTION, given[::-1], PACK, not_understood=["a line"])
    assert decision.question is QUESTION
    assert decision.statements == tuple(given)
    assert decision.not_understood == ("a line",)
    assert (decision.knowledge, decision.overlay) == (PACK.hash, None)
    assert decision.facts["systolic_pressure"] == (given[1],)
    assert list(decision.facts) == sorted(decision.facts)
    worst_first = ["exclude", "stop", "hold", "refer", "incomplete", "eligible"]
    assert decision.conclusion == "hold"
    assert decision.binding.state == "fires"
    assert worst_first.index(decision.conclusion) == min(
        worst_first.index({"fires": f.action, "unknown": "incomplete"}[f.state])
        for f in decision.findings
        if f.state == "unknown" or f.action in worst_first
    )
    assert from_json(canonical(decision)) == decision
    assert b'"conclusion":"hold"' in canonical(decision)
    assert decide(Question("enquiry", "ketamine", "intravenous", AT), [], PACK).conclusion == "eligible"


APPLIES = [
    ({}, {}, True),
    ({"stages": ("recovery",)}, {}, False),
    ({"products": ("esketamine",)}, {}, False),
    ({"routes": ("nasal",)}, {}, False),
    ({"routes": ("nasal", "intravenous")}, {}, True),
    ({"settings": ("home",)}, {}, False),
    ({"settings": ("clinic",)}, {}, True),
    ({"jurisdictions": ("UK",)}, {}, False),
    ({"jurisdictions": ("UK", "US")}, {}, True),
    ({}, {"kinds": ("monitoring",)}, False),
    ({}, {"kinds": ("monitoring", "day-of-treatment")}, True),
    ({"retired_on": AT.date()}, {}, False),
    ({"retired_on": AT.date() + dt.timedelta(days=1)}, {}, True),
]


@pytest.mark.parametrize(("rule", "question", "speaks"), APPLIES)
def test_a_rule_speaks_only_where_it_says(rule, question, speaks):
    changed = msgspec.structs.replace(SEVERE, **rule)
    pack = msgspec.structs.replace(PACK, rules={SEVERE.key: changed})
    decision = decide(msgspec.structs.replace(QUESTION, **question), [], pack)
    assert (decision.findings != ()) is speaks


# ── the pack ──


def test_the_pack_agrees_with_all_its_examples():
    check_examples(PACK)


def test_a_rule_that_disagrees_with_its_example_is_named_with_both():
    wrong = msgspec.structs.replace(SEVERE.examples[0], state="silent")
    rule = msgspec.structs.replace(SEVERE, examples=(wrong, *SEVERE.examples[1:]))
    with pytest.raises(KnowledgeError) as error:
        check_examples(msgspec.structs.replace(PACK, rules={rule.key: rule}))
    assert error.value.file == SEVERE.file
    assert error.value.problem == f'example "{wrong.note}" says silent, the rule says fires'
    assert state_in_example(SEVERE, SEVERE.examples[0], PACK) == "fires"


def test_an_instrument_that_disagrees_is_named():
    gad7 = PACK.instruments["gad-7"]
    broken = msgspec.structs.replace(gad7, examples=())
    with pytest.raises(KnowledgeError) as error:
        check_examples(msgspec.structs.replace(PACK, rules={}, instruments={"gad-7": broken}))
    assert (error.value.file, error.value.problem) == (
        "instruments/gad-7.toml",
        "an instrument needs worked examples",
    )


def test_a_model_that_is_not_one_is_named():
    raw = {
        **PACK.models["kamp-2020"],
        "disposition": {**PACK.models["kamp-2020"]["disposition"], "v1_l": -1.0},
    }
    with pytest.raises(KnowledgeError) as error:
        check_examples(msgspec.structs.replace(PACK, rules={}, instruments={}, models={"kamp-2020": raw}))
    assert error.value.file == "models/kamp-2020.toml"


GIVEN = [
    ("pregnancy", "yes", True),
    ("pregnancy", "no", False),
    ("weight", 70, 70.0),
    ("weight", 70.5, 70.5),
    ("asa_class", "II", "II"),
    ("birth_date", "1985-04-12", "1985-04-12"),
]


@pytest.mark.parametrize(("key", "written", "meant"), GIVEN)
def test_an_example_writes_values_as_people_do(key, written, meant):
    assert example_value(PACK.facts[key], written, "f") == meant
    assert type(example_value(PACK.facts[key], written, "f")) is type(meant)


def test_an_example_writes_a_set_as_a_list():
    assert example_value(FACTS["colours"], ["red"], "f") == ("red",)


@pytest.mark.parametrize(
    ("key", "written"),
    [("pregnancy", "maybe"), ("weight", True), ("weight", "70"), ("asa_class", "IX"), ("birth_date", 1985)],
)
def test_an_example_with_a_value_that_its_fact_cannot_have_is_refused(key, written):
    with pytest.raises(KnowledgeError) as error:
        example_value(PACK.facts[key], written, "rules/x.toml")
    assert error.value.file == "rules/x.toml"
    assert error.value.problem == f'an example gives "{key}" the value {written!r}, which it cannot have'


def test_a_checked_pack_is_kept_and_read_again_from_what_was_kept(tmp_path):
    made = usable_pack(store=tmp_path)
    kept = sorted(p.name for p in tmp_path.iterdir())
    assert len(kept) == 2
    assert f"pack-{made.hash}.json" in kept
    assert kept[0].startswith("checked-")
    (tmp_path / kept[0]).write_bytes(b"half a fi")
    assert usable_pack(store=tmp_path).hash == made.hash
    assert usable_pack(store=tmp_path).rules == made.rules


def test_where_packs_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("SEREIN_STORE", str(tmp_path / "own"))
    assert default_store() == tmp_path / "own"
    monkeypatch.delenv("SEREIN_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_store() == tmp_path / "serein"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_store() == tmp_path / ".cache" / "serein"


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert usable_pack(store=blocked / "packs").hash == PACK.hash


# ── instruments ──


def test_a_change_that_cannot_be_is_refused_word_for_word():
    gad7 = PACK.instruments["gad-7"]
    title = gad7.text.title
    early, late = (Scored(12.0, AT), Scored(6.0, AT - dt.timedelta(days=1)))
    assert str(compare(gad7, early, late)).startswith(
        f"{title} later score is before what it follows: 2026-11-21T09:00:00+00:00."
    )
    for first, second, name in ((22.0, 5.0, "baseline"), (5.0, 22.0, "later score"), (-1.0, 5.0, "baseline")):
        refused = compare(gad7, Scored(first, AT), Scored(second, AT))
        assert isinstance(refused, Refusal)
        wrong = first if name == "baseline" else second
        assert str(refused) == (
            f"{title} {name} is outside what is plausible: {wrong}. It must be 0 to 21. Check it and enter it again."
        )
    assert not isinstance(compare(gad7, Scored(0.0, AT), Scored(21.0, AT)), Refusal)
    assert not isinstance(compare(gad7, Scored(None, AT), Scored(21.0, AT)), Refusal)


def test_an_instrument_says_word_for_word_what_does_not_add_up():
    gad7 = PACK.instruments["gad-7"]
    changed = lambda **c: structure_disagreements(msgspec.structs.replace(gad7, **c))  # noqa: E731
    assert changed() == []
    assert changed(items=gad7.items[1:]) == [
        "items must be numbered from 1 without a gap, not [2, 3, 4, 5, 6, 7]"
    ]
    assert changed(answers=(gad7.answers[0],) * 2) == ["answers must be there and differ, not [0, 0]"]
    assert changed(safety_item=9, safety_at_least=1) == ["the safety item 9 is not one of the items"]
    assert changed(safety_item=7) == ["safety_item and safety_at_least go together"]
    assert changed(missing_allowed=0) == ['missing_allowed is 0 with prorate = "none", and only then']
    assert disagreements(gad7) == []
