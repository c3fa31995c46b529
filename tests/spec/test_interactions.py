"""Medicines as records write them -> the classes found -> the rules that speak. A table to read with a pharmacist.

The first table goes through the importer: a bundle with one active medicine. Everything of the group "medicines"
that the importer does not find is attested as "none of these", so that a row shows all rules of its medicine and
no other.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

import pytest

from serein.errors import Refusal
from serein.fhir import read_bundle
from serein.fhir.elements import Coding, Concept
from serein.fhir.index import Index
from serein.knowledge import load
from serein.knowledge.types import Code, Rule
from serein.logic import Statement
from serein.safety import Decision, Question, evaluate
from serein.safety.pack import state_in_example

KNOWLEDGE = load()
AT = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
INDEX = Index(KNOWLEDGE)
MEDICINES = tuple(f.key for f in KNOWLEDGE.facts.values() if f.group == "medicines")
GENES = ("cyp2b6_slow_metaboliser",)
RULES = tuple(r for r in KNOWLEDGE.rules.values() if r.kind == "interactions")
ROUTE = {"ketamine": "intravenous", "esketamine": "nasal"}

# As the record has it | classes found (without "takes_") | rules that fire beside ketamine by vein, at screening
KETAMINE_TABLE = [
    ("Clonazepam [Klonopin]", "benzodiazepine", "benzodiazepine"),
    ("Diazepam [Valium]", "benzodiazepine", "benzodiazepine"),
    ("LORazepam 1 MG Oral Tablet", "benzodiazepine", "benzodiazepine"),
    ("Ambien 10 mg at night", "z_drug", "z-drug"),
    ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", "opioid", "opioid"),
    ("Acetaminophen 325 MG / HYDROcodone Bitartrate 7.5 MG Oral Tablet", "opioid", "opioid"),
    ("buprenorphine 8 MG / naloxone 2 MG Sublingual Film [Suboxone]", "opioid", "opioid"),
    ("naloxone hydrochloride 4 MG/ACTUAT Nasal Spray", "", ""),
    ("methylnaltrexone bromide 150 MG Oral Tablet", "", ""),
    ("gabapentin 300 MG Oral Capsule", "gabapentinoid", "other-depressants"),
    ("Baclofen 10 MG Oral Tablet", "other_sedative", "other-depressants"),
    ("diphenhydrAMINE hydrochloride 25 MG Oral Capsule", "sedating_antihistamine", "other-depressants"),
    ("diphenhydramine hydrochloride 20 MG/ML Topical Cream", "", ""),
    ("quetiapine 25 MG Oral Tablet [Seroquel]", "antipsychotic", "other-depressants"),
    (
        "risperidone 2 MG Oral Tablet",
        "antipsychotic blunting_antipsychotic",
        "other-depressants blunting-antipsychotic",
    ),
    ("Phenobarbital 30 MG Oral Tablet", "other_sedative enzyme_inducer", "other-depressants enzyme-inducer"),
    ("tranylcypromine 10 MG Oral Tablet [Parnate]", "mao_inhibitor", "mao-inhibitor-with-ketamine"),
    ("linezolid 600 MG Oral Tablet", "mao_inhibitor", "mao-inhibitor-with-ketamine"),
    ("lisdexamfetamine dimesylate 30 MG Oral Capsule", "psychostimulant", "psychostimulant-with-ketamine"),
    (
        "pseudoephedrine hydrochloride 60 MG Oral Tablet",
        "sympathomimetic",
        "sympathomimetic-with-ketamine",
    ),
    ("phenylephrine hydrochloride 25 MG/ML Ophthalmic Solution", "", ""),
    ("0.3 ML EPINEPHrine 1 MG/ML Auto-Injector [EpiPen]", "", ""),
    ("12 HR theophylline 300 MG Extended Release Oral Tablet", "theophylline", "theophylline-with-ketamine"),
    ("fluticasone propionate 0.05 MG/ACTUAT Metered Dose Nasal Spray [Flonase]", "nasal_medicine", ""),
    ("60 ACTUAT Fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler", "", ""),
    ("120 ACTUAT fluticasone propionate 0.11 MG/ACTUAT Metered Dose Inhaler [Flovent]", "", ""),
    ("budesonide 3 MG Delayed Release Oral Capsule", "", ""),
    ("clarithromycin 500 MG Oral Tablet", "cyp3a_inhibitor clarithromycin", "cyp3a-inhibitor"),
    ("ketoconazole 20 MG/ML Medicated Shampoo", "", ""),
    ("Clopidogrel 75 MG Oral Tablet", "cyp2b6_inhibitor", "cyp2b6-inhibitor"),
    ("Carbamazepine[Tegretol]", "enzyme_inducer", "enzyme-inducer"),
    ("St. John's wort extract", "enzyme_inducer", "enzyme-inducer"),
    ("lamoTRIgine 100 MG Oral Tablet", "lamotrigine", "lamotrigine"),
    ("naltrexone hydrochloride 50 MG Oral Tablet", "opioid_antagonist", "opioid-antagonist"),
    (
        "bupropion hydrochloride 90 MG / naltrexone hydrochloride 8 MG Extended Release Oral Tablet [Contrave]",
        "opioid_antagonist noradrenergic_antidepressant",
        "opioid-antagonist noradrenergic-antidepressant",
    ),
    ("lithium carbonate 300 MG Oral Tablet", "lithium", "lithium"),
    (
        "24 HR Donepezil hydrochloride 10 MG / Memantine hydrochloride 28 MG Extended Release Oral Capsule",
        "nmda_antagonist",
        "nmda-antagonist",
    ),
    (
        "Acetaminophen 21.7 MG/ML / Dextromethorphan Hydrobromide 1 MG/ML / doxylamine succinate 0.417 MG/ML",
        "nmda_antagonist sedating_antihistamine",
        "nmda-antagonist other-depressants",
    ),
    ("Levothyroxine Sodium 0.075 MG Oral Tablet", "thyroid_hormone", "thyroid-hormone"),
    ("venlafaxine 75 MG Oral Capsule", "noradrenergic_antidepressant", "noradrenergic-antidepressant"),
    ("sertraline 50 MG Oral Tablet", "ssri", "ssri"),
    ("24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]", "antihypertensive", "antihypertensive"),
    ("dihydroergotamine mesylate 0.5 MG/ACTUAT Nasal Spray", "ergot", "ergot-medicine"),
    ("apomorphine hydrochloride 10 MG/ML Injectable Solution", "", ""),
    ("Simvastatin 20 MG Oral Tablet", "", ""),
    ("phenylephrine hydrochloride 5 MG/ML Nasal Spray", "nasal_medicine sympathomimetic", "sympathomimetic-with-ketamine"),
]  # fmt: skip

# Where the spray differs from the infusion: the class taken | rules that fire beside esketamine by nose
ESKETAMINE_TABLE = [
    ("theophylline", "theophylline-with-esketamine"),
    ("mao_inhibitor", "mao-inhibitor-with-esketamine"),
    ("psychostimulant", "psychostimulant-with-esketamine"),
    ("sympathomimetic", "sympathomimetic-with-esketamine"),
    ("nasal_medicine", "nasal-medicine-before-spray"),
    ("benzodiazepine", "benzodiazepine"),
    ("opioid", "opioid"),
]

ASKED = {
    "takes_theophylline",
    "takes_benzodiazepine",
    "takes_z_drug",
    "takes_opioid",
    "takes_gabapentinoid",
    "takes_sedating_antihistamine",
    "takes_antipsychotic",
    "takes_other_sedative",
    "takes_mao_inhibitor",
    "takes_psychostimulant",
    "takes_sympathomimetic",
    "takes_nmda_antagonist",
}
NEVER_STOPPED_ABRUPTLY = (
    "benzodiazepine",
    "z-drug",
    "opioid",
    "other-depressants",
    "lamotrigine",
    "ssri",
    "noradrenergic-antidepressant",
    "antihypertensive",
)


def facts_found(text: str, *, status: str = "active") -> set[str]:
    """The medicine facts that the importer states as yes for a record with this one medicine."""
    return {s.fact for s in read_medicine(text, status) if s.value is True and s.fact in MEDICINES}


def read_medicine(text: str, status: str) -> tuple[Statement, ...]:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1980-05-05", "name": [{"family": "A"}]}
    order = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": status,
        "intent": "order",
        "subject": {"reference": "urn:uuid:p"},
        "authoredOn": "2025-12-01T09:00:00Z",
        "medicationCodeableConcept": {"text": text},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in (patient, order)],
    }
    read = read_bundle(json.dumps(bundle).encode(), KNOWLEDGE, at=AT)
    assert not isinstance(read, Refusal), read
    return read.statements


def decide(taken: Iterable[str], product: str = "ketamine", *, attested: bool = True) -> Decision:
    yes = set(taken)
    said = [Statement(f, True, AT, "record") for f in yes]
    if attested:
        said += [Statement(f, False, AT, "attestation") for f in (*MEDICINES, *GENES) if f not in yes]
    asked = Question("screening", product, ROUTE[product], AT, kinds=("interactions",))  # type: ignore[arg-type]
    return evaluate(asked, said, KNOWLEDGE)


def fired(decision: Decision) -> set[str]:
    return {f.rule for f in decision.findings if f.state == "fires"}


@pytest.mark.parametrize(("text", "classes", "rules"), KETAMINE_TABLE, ids=[row[0] for row in KETAMINE_TABLE])
def test_a_medicine_in_the_words_of_a_record_finds_its_classes_and_its_rules(
    text: str, classes: str, rules: str
) -> None:
    found = facts_found(text)
    assert found == {f"takes_{c}" for c in classes.split()}
    assert fired(decide(found)) == set(rules.split())


@pytest.mark.parametrize(("class_", "rules"), ESKETAMINE_TABLE)
def test_the_spray_has_its_own_rules_where_its_label_differs(class_: str, rules: str) -> None:
    assert fired(decide({f"takes_{class_}"}, "esketamine")) == set(rules.split())


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled"])
def test_a_medicine_of_the_past_is_not_taken(status: str) -> None:
    assert facts_found("Clonazepam [Klonopin]", status=status) == set()


def test_a_medicine_on_hold_raises_the_question_and_answers_nothing() -> None:
    raised = [s for s in read_medicine("morphine 15 MG Oral Tablet", "on-hold") if s.fact == "takes_opioid"]
    assert [s.value for s in raised] == [None]


def test_every_code_leads_to_its_medicine_and_only_a_verified_one_is_trusted_without_words() -> None:
    codes = [(f, c) for f in MEDICINES for c in KNOWLEDGE.facts[f].codes]
    for fact, code in codes:
        concept = Concept((Coding("rxnorm", code.code, ""),))
        verified = {h.fact.key: h.verified_yes for h in INDEX.find(concept, ("medicine",))}
        assert verified[fact] is code.verified, (fact, code)
        assert set(verified) <= set(MEDICINES)


def test_theophylline_is_referred_beside_ketamine_and_a_caution_beside_the_spray() -> None:
    assert decide({"takes_theophylline"}).conclusion == "refer"
    assert decide({"takes_theophylline"}, "esketamine").conclusion == "eligible"


@pytest.mark.parametrize("product", ["ketamine", "esketamine"])
def test_no_interaction_excludes_anybody(product: str) -> None:
    assert decide(MEDICINES, product).conclusion != "exclude"
    assert all(f.overridable for f in decide(MEDICINES, product).findings)


@pytest.mark.parametrize("product", ["ketamine", "esketamine"])
def test_none_of_these_leaves_nothing_to_say(product: str) -> None:
    decision = decide((), product)
    assert (decision.conclusion, decision.findings, decision.missing) == ("eligible", (), ())


@pytest.mark.parametrize("product", ["ketamine", "esketamine"])
def test_medicines_that_nobody_went_through_are_asked_for_where_it_is_dangerous(product: str) -> None:
    decision = decide((), product, attested=False)
    assert decision.conclusion == "incomplete"
    assert {m.fact for m in decision.missing if m.if_unknown == "ask"} == ASKED


def test_one_known_medicine_does_not_answer_for_the_others() -> None:
    decision = decide({"takes_ssri"}, attested=False)
    assert decision.conclusion == "incomplete"
    assert fired(decision) == {"ssri"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.key)
def test_a_rule_agrees_with_each_of_its_examples(rule: Rule) -> None:
    assert len(rule.examples) >= 3
    assert [state_in_example(rule, e, KNOWLEDGE) for e in rule.examples] == [e.state for e in rule.examples]


def test_every_medicine_is_judged_by_a_rule_and_every_rule_judges_only_medicines() -> None:
    judged = {f for r in RULES for f in r.resolves}
    assert judged == {*MEDICINES, *GENES}


@pytest.mark.parametrize("rule", [r for r in RULES if r.basis != "assumption"], ids=lambda r: r.key)
def test_a_rule_that_rests_on_a_source_names_one_that_somebody_read(rule: Rule) -> None:
    assert rule.evidence
    assert all(KNOWLEDGE.evidence[key].checked != "not checked" for key in rule.evidence)


@pytest.mark.parametrize("key", NEVER_STOPPED_ABRUPTLY)
def test_what_causes_withdrawal_is_said_never_to_be_stopped_abruptly(key: str) -> None:
    said = KNOWLEDGE.rules[key].text.resolves.lower()
    assert "abruptly" in said
    assert "never" in said


@pytest.mark.parametrize("key", MEDICINES)
def test_names_are_four_letters_or_more_once_each_and_not_undone_by_their_own_excludes(key: str) -> None:
    names = KNOWLEDGE.facts[key].names
    assert names
    assert len(names) == len(set(names))
    assert all(len(n) >= 4 for n in names)
    assert {n for n in names if named_in(n.title(), key)} == set(names)


def named_in(text: str, key: str) -> bool:
    hits = INDEX.find(Concept((), (text,)), ("medicine",))
    return any(h.fact.key == key and h.named for h in hits)


def test_a_code_means_one_thing_in_every_class_that_lists_it() -> None:
    meant: dict[str, set[Code]] = {}
    for fact in MEDICINES:
        for code in KNOWLEDGE.facts[fact].codes:
            meant.setdefault(code.code, set()).add(code)
    assert {c for c, forms in meant.items() if len(forms) > 1} == set()
