"""What routes, products, protocols and checklists promise each other and the rules."""

from __future__ import annotations

import pytest

from serein.errors import KnowledgeError
from serein.knowledge import route_for
from serein.knowledge.load import build, duration_s
from serein.knowledge.types import Compare, Pack
from serein.pathway.plan.protocol import phase_of, protocols_for
from serein.pathway.plan.series import Series, series_refused, too_many

ROUTES = {"intravenous", "intramuscular", "subcutaneous", "nasal", "oral", "sublingual"}
GIVEN = [
    ("intravenous", "ketamine"),
    ("intramuscular", "ketamine"),
    ("subcutaneous", "ketamine"),
    ("nasal", "esketamine"),
    ("nasal", "ketamine"),
    ("oral", "ketamine"),
    ("sublingual", "ketamine"),
]
EMERGENCIES = {
    "severe-hypertension",
    "airway-oversedation",
    "anaphylaxis",
    "cardiac",
    "seizure",
    "psychiatric-crisis",
    "distressing-dissociation",
    "vomiting-while-sedated",
    "fall-or-syncope",
    "infiltration",
}


def limits(knowledge, kind, route, substance, fact):
    """The smallest values, in the fact's unit, below which a rule of this kind fires for a route."""
    found = []

    def walk(condition):
        for part in [condition] if isinstance(condition, Compare) else condition.of:
            if not isinstance(part, Compare):
                walk(part)
            elif part.fact == fact and part.operator == "below":
                found.append(part.value)

    for rule in knowledge.rules.values():
        if rule.kind == kind and substance in rule.products and (not rule.routes or route in rule.routes):
            walk(rule.condition)
    return found


def test_there_are_exactly_these_routes(knowledge):
    assert set(knowledge.routes) == ROUTES


@pytest.mark.parametrize(("key", "substance"), GIVEN)
def test_a_route_has_all_it_needs_for_each_of_its_products(knowledge, key, substance):
    route = route_for(knowledge, key, substance)
    assert len(route.guardrails) == 1
    assert {c.phase for c in route.checks} >= {"arrival", "observation", "recovery"}
    assert {f.fact for f in route.fasting} == {"hours_since_food", "hours_since_drink"}
    assert route.text.visits
    assert route.text.patient
    products = [p for p in knowledge.products.values() if p.substance == substance and key in p.routes]
    assert products
    assert all(protocols_for(p, route, knowledge) for p in products)


@pytest.mark.parametrize(("key", "substance"), GIVEN)
def test_a_route_and_the_rules_of_the_day_and_of_discharge_say_the_same_numbers(knowledge, key, substance):
    route = route_for(knowledge, key, substance)
    for fast in route.fasting:
        hours = duration_s(fast.least) / 3600
        assert limits(knowledge, "day-of-treatment", key, substance, fast.fact) == [hours]
    fact = {"end of dosing": "minutes_since_dosing_end", "start of dosing": "minutes_since_dosing_start"}
    minutes = duration_s(route.minimum_observation) / 60
    assert limits(knowledge, "discharge", key, substance, fact[route.observation_from]) == [minutes]
    spaced = limits(knowledge, "day-of-treatment", key, substance, "hours_since_last_dose")
    assert max(spaced) <= duration_s(route.minimum_spacing) / 3600


def test_the_racemic_spray_is_told_apart_from_esketamine(knowledge):
    label, racemic = (route_for(knowledge, "nasal", s) for s in ("esketamine", "ketamine"))
    assert (label.observation_basis, racemic.observation_basis) == ("label", "assumption")
    assert (label.minimum_spacing, racemic.minimum_spacing) == ("24 h", "48 h")
    assert label.guardrails[0].steps
    assert not racemic.guardrails[0].steps
    assert not any(c.basis == "label" for c in racemic.checks)
    assert racemic.text.title != label.text.title


def test_every_compounded_product_says_that_it_is_unapproved_and_carries_the_alert(knowledge):
    compounded = [p for p in knowledge.products.values() if "compounded" in p.key]
    assert len(compounded) == 6
    for product in compounded:
        assert product.compounded
        assert product.alerts
        assert product.text.approval.startswith("Unapproved")
    assert any(a.on.year == 2022 for a in knowledge.products["compounded-nasal-spray"].alerts)


def test_only_injections_and_the_device_are_approved_for_anything(knowledge):
    assert {p.key for p in knowledge.products.values() if not p.compounded} == {
        "ketamine-hydrochloride-injection",
        "esketamine-nasal-spray",
    }


def test_every_phase_of_a_protocol_can_be_planned_by_its_route(knowledge):
    for protocol in knowledge.protocols.values():
        for substance in protocol.products:
            route = route_for(knowledge, protocol.route, substance)
            for phase in protocol.phases:
                series = Series(phase.sessions, phase.spacing, phase.over)
                assert series_refused(series, route) is None, (protocol.key, phase.key)
                assert too_many(series, phase) == "", (protocol.key, phase.key)
                assert phase.review_after <= phase.sessions


def test_every_protocol_describes_induction_maintenance_taper_and_stop(knowledge):
    for protocol in knowledge.protocols.values():
        keys = [p.key for p in protocol.phases]
        assert len(keys) >= 3, protocol.key
        assert keys[-1] == "taper", protocol.key
        assert protocol.stop.text.rule
        assert protocol.stop.text.how


def test_the_labels_weeks_and_the_most_in_seven_days_are_data_and_agree_with_the_rules_of_the_day(knowledge):
    phases = knowledge.protocols["esketamine-by-the-label"].phases
    assert [(p.weeks, p.at_most.sessions, p.at_most.within) for p in phases[:3]] == [
        ((1, 4), 2, "7 d"),
        ((5, 8), 1, "7 d"),
        ((9, 520), 1, "7 d"),
    ]
    assert all(p.basis == "label" for p in phases[:3])
    third = knowledge.rules["third-spray-in-seven-days"].condition
    assert (third.fact, third.operator, third.value) == ("doses_last_7_days", "at_least", 2.0)


def test_a_series_with_more_in_a_week_than_its_phase_knows_says_so(knowledge):
    weekly = phase_of(knowledge, "esketamine-by-the-label", "weeks-5-to-8")
    assert too_many(Series(4, "84 h", "28 d"), weekly).startswith("2 sessions in 7 d")
    assert too_many(Series(4, "7 d", "28 d"), weekly) == ""
    assert too_many(Series(4, "84 h", "28 d"), None) == ""


def test_no_protocol_raises_a_dose_after_an_adverse_event_of_grade_two(knowledge):
    changing = [p for p in knowledge.protocols.values() if p.change is not None]
    assert changing
    assert {p.change.no_up_from_grade for p in changing} <= {1, 2}


def test_there_is_a_checklist_for_every_emergency(knowledge):
    assert set(knowledge.checklists) == EMERGENCIES
    for checklist in knowledge.checklists.values():
        assert len(checklist.steps) >= 5
        assert checklist.text.when
        assert checklist.text.over


def test_every_high_alarm_of_the_vital_signs_leads_to_a_checklist(knowledge):
    led = {key for c in knowledge.checklists.values() for key in c.rules}
    high = {r.key for r in knowledge.rules.values() if r.alarm and r.alarm.priority == "high"}
    assert high <= led


def test_no_medicine_of_a_checklist_has_a_dose_without_a_source(knowledge):
    dosed = [
        (m, knowledge.evidence[key])
        for c in knowledge.checklists.values()
        for s in c.steps
        for m in s.medicines
        if m.dose
        for key in m.evidence
    ]
    assert {m.name.split()[0] for m, _ in dosed} == {"Adrenaline", "Midazolam", "or", "Ondansetron"}
    assert all(source.checked != "not checked" for _, source in dosed)


def changed(knowledge, file, change):
    """The pack with one file changed in place, built anew."""
    import copy

    files = copy.deepcopy(dict(knowledge.pack.files))
    change(files[file])
    return build(Pack(files))


def _unknown_fact(raw):
    raw["steps"][0]["charts"] = ["no_such_fact"]


def _unknown_evidence(raw):
    raw["steps"][0]["evidence"] = ["no-such-source"]


def _unknown_rule(raw):
    raw["rules"] = ["no-such-rule"]


def _dose_without_source(raw):
    raw["steps"][2]["medicines"][0]["evidence"] = []


def _timer_without_unit(raw):
    raw["steps"][0]["within"] = "30"


def _misspelt(raw):
    raw["steps"][0]["whoo"] = "nurse"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_unknown_fact, "unknown fact"),
        (_unknown_evidence, "no file in evidence/"),
        (_unknown_rule, "unknown rule"),
        (_dose_without_source, "needs a source"),
        (_timer_without_unit, "no unit"),
        (_misspelt, "whoo"),
    ],
)
def test_a_checklist_that_is_wrong_does_not_load(knowledge, change, words):
    with pytest.raises(KnowledgeError, match=words):
        changed(knowledge, "checklists/anaphylaxis.toml", change)


INJECTION = "products/ketamine-hydrochloride-injection.toml"
LOZENGE = "products/compounded-lozenge-base.toml"


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        (INJECTION, lambda r: r["salt"].update(mg_per_mg_base=1.1534), "would be"),
        (LOZENGE, lambda r: r.update(alerts=[]), "alerts"),
        (LOZENGE, lambda r: r["strengths"][0].update(concentration="50"), "no unit"),
        ("routes/oral.toml", lambda r: r.update(given_as="injection"), "names its sites"),
        ("routes/oral.toml", lambda r: r.update(model="kamp-2020"), "not for this route"),
        ("routes/oral.toml", lambda r: r["guardrails"][0].update(start="1,5 mg"), "comma"),
        ("protocols/six-infusions.toml", lambda r: r["change"].update(instrument="none"), "instrument"),
        ("protocols/six-infusions.toml", lambda r: r["change"].update(no_up_from_grade=4), "rising"),
        ("protocols/six-infusions.toml", lambda r: r.update(phases=[]), "has phases"),
    ],
)
def test_a_route_product_or_protocol_that_is_wrong_does_not_load(knowledge, file, change, words):
    with pytest.raises(KnowledgeError, match=words):
        changed(knowledge, file, change)


def test_a_pack_from_before_phases_and_ways_of_giving_still_loads(knowledge):
    """Old decisions are run again on the pack of their day."""

    def old(raw):
        phase = raw.pop("phases")[0]
        del raw["stop"], raw["change"]
        names = ("sessions", "over", "spacing", "dose", "delivery", "review_after", "basis")
        raw.update({name: phase[name] for name in names})

    found = changed(knowledge, "protocols/six-infusions.toml", old).protocols["six-infusions"]
    assert [(p.key, p.sessions, p.dose) for p in found.phases] == [("series", 6, "0.5 mg/kg")]
    assert found.change is None

    def infusion(raw):
        del raw["given_as"]
        raw["infusion"] = True

    assert (
        changed(knowledge, "routes/intravenous.toml", infusion).routes["intravenous"].given_as == "infusion"
    )
