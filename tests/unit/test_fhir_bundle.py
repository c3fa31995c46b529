"""What a bundle comes to: statements for the rules, the chart, and what was not understood."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from serein.fhir import Imported, read_bundle
from serein.logic import Facts, Known, Statement, Unknown
from tests import bundles as b
from tests.knowledge_pack import small_pack

AT = dt.datetime(2020, 7, 1, 9, tzinfo=dt.UTC)
LAST = dt.datetime(2020, 6, 1, 9, 15, tzinfo=dt.UTC)
SMALL = small_pack()


def read(*resources: dict[str, Any], **more: Any) -> Imported:
    result = read_bundle(b.as_bytes(b.bundle(*resources, **more)), SMALL, at=AT)
    assert isinstance(result, Imported), result
    return result


def said(fact: str, *resources: dict[str, Any]) -> list[Statement]:
    return [s for s in read(*resources).statements if s.fact == fact]


def listed(found: Imported) -> list[str]:
    """What was not understood, without the kind that each line begins with."""
    return [line.split(": ", 1)[1] for line in found.not_understood]


def value(fact: str, *resources: dict[str, Any]) -> Any:
    """True, False, a number… or why it is unknown."""
    resolved = Facts(read(*resources).statements, SMALL, AT)[fact]
    return resolved.value if isinstance(resolved, Known) else resolved.why


# conditions


def test_an_active_condition_is_claimed_at_the_records_last_entry_in_the_records_own_words() -> None:
    (one,) = said("hypertension", b.condition("38341003", "Hypertension", onset="1956-01-19T04:57:07+00:00"))
    assert one.value is True
    assert one.at == LAST
    assert one.because == "Hypertension (SNOMED CT 38341003), active since 1956-01-19"
    assert one.source == "record"
    assert one.id.startswith("Condition/")
    assert one.id.endswith("#hypertension")


@pytest.mark.parametrize("status", ["active", "recurrence", "relapse"])
def test_active_recurring_and_relapsed_conditions_are_current(status: str) -> None:
    assert value("hypertension", b.condition("38341003", "Hypertension", status=status)) is True


@pytest.mark.parametrize("status", ["resolved", "inactive", "remission"])
def test_a_past_condition_counts_only_for_facts_that_hold_ever(status: str) -> None:
    past = b.condition("38341003", "Hypertension", status=status)
    assert value("hypertension", past) == "never stated"
    bleed = b.condition("274100004", "Cerebral hemorrhage", status=status, end="2019-01-01T00:00:00+00:00")
    assert value("brain_bleed_ever", bleed) is True
    assert said("brain_bleed_ever", bleed)[0].at == dt.datetime(2019, 1, 1, tzinfo=dt.UTC)


def test_a_resolved_pregnancy_leaves_pregnancy_unknown_and_never_no() -> None:
    assert (
        value("pregnancy", b.condition("72892002", "Normal pregnancy", status="resolved")) == "never stated"
    )


def test_a_code_that_means_no_says_no() -> None:
    assert value("pregnancy", b.condition("60001007", "Not pregnant (finding)")) is False


def test_a_code_that_asks_raises_the_question_with_its_reason() -> None:
    stroke = b.condition("230690007", "Stroke", onset="1989-06-03T01:01:27+00:00")
    (one,) = said("brain_bleed_ever", stroke)
    assert one.value is None
    assert one.because == "Stroke (SNOMED CT 230690007), active since 1989-06-03; type not recorded: unknown"
    assert value("brain_bleed_ever", stroke) == "asked"


def test_icd_codes_are_read_with_or_without_their_dot_and_by_their_nearest_family() -> None:
    assert value("hypertension", b.condition("I10", "I10", system=b.ICD10CM)) is True
    assert value("hypertension", b.condition("I1A9", "x", system=b.ICD10CM)) == "asked"
    assert value("hypertension", b.condition("i1a.01", "x", system=b.ICD10CM)) is True
    assert value("hypertension", b.condition("I2", "x", system=b.ICD10CM)) == "never stated"


def test_a_code_of_another_system_is_not_taken_for_it() -> None:
    assert (
        value("hypertension", b.condition("38341003", "Something else", system=b.ICD10CM)) == "never stated"
    )


def test_words_count_where_no_code_does() -> None:
    assert value("hypertension", b.condition("59621000", "Essential hypertension (disorder)")) is True


def test_words_that_exclude_a_name_make_it_not_count() -> None:
    found = read(b.condition("70995007", "Pulmonary hypertension (disorder)"))
    assert "hypertension" not in {s.fact for s in found.statements}
    assert "Pulmonary hypertension (disorder) (SNOMED CT 70995007), active" in listed(found)


def test_an_unverified_code_alone_only_asks_and_its_name_settles_it() -> None:
    assert value("guessed", b.condition("111", "Something")) == "asked"
    assert value("guessed", b.condition("111", "Guessed disease")) is True


def test_a_code_and_words_that_name_different_things_are_a_question_about_both() -> None:
    mixed = b.condition("222", "Guessed disease")
    assert value("guessed", mixed) == "asked"
    assert value("other_disease", mixed) == "asked"
    assert "disagree" in said("other_disease", mixed)[0].because


def test_history_of_counts_for_ever_and_says_nothing_of_now() -> None:
    history = b.condition("429007001", "History of cardiac arrest (situation)")
    assert value("arrest_ever", history) is True
    assert value("arrest_now", history) == "never stated"
    assert value("arrest_on", history) == "never stated"
    assert value("arrest_now", b.condition("410429000", "Cardiac Arrest")) is True


def test_a_fact_that_is_a_date_takes_the_day_it_began() -> None:
    arrest = b.condition("410429000", "Cardiac Arrest", onset="2003-07-03T19:08:55+00:00")
    assert value("arrest_on", arrest) == "2003-07-03"


@pytest.mark.parametrize(
    "words",
    [
        "Family history of cardiac arrest",
        "No history of cardiac arrest (situation)",
        "No known cardiac arrest",
        "Cardiac arrest ruled out",
        "At risk of cardiac arrest",
        "Screening for cardiac arrest",
        "Syncope without cardiac arrest",
    ],
)
def test_words_that_deny_or_tell_of_the_family_or_of_a_risk_are_no_answer_and_are_listed(words: str) -> None:
    found = read(b.condition("999", words))
    assert not [s for s in found.statements if s.fact.startswith("arrest")]
    assert any(words in line for line in listed(found))


@pytest.mark.parametrize(
    "words", ["Suspected cardiac arrest (situation)", "Rule out cardiac arrest", "Cardiac arrest (situation)"]
)
def test_what_is_only_suspected_raises_the_question(words: str) -> None:
    assert value("arrest_ever", b.condition("999", words)) == "asked"


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_a_condition_that_is_not_confirmed_raises_the_question(verification: str) -> None:
    unsure = b.condition("38341003", "Hypertension", verification=verification)
    assert value("hypertension", unsure) == "asked"


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_refuted_or_mistaken_entry_is_listed_and_gives_neither_yes_nor_no(verification: str) -> None:
    found = read(b.condition("38341003", "Hypertension", verification=verification))
    assert "hypertension" not in {s.fact for s in found.statements}
    assert found.problems == ()
    assert f"Hypertension (SNOMED CT 38341003), {verification}" in listed(found)


def test_a_condition_without_status_counts_for_ever_and_asks_for_now() -> None:
    bare = b.condition("410429000", "Cardiac Arrest")
    del bare["clinicalStatus"]
    assert value("arrest_ever", bare) is True
    assert value("arrest_now", bare) == "asked"


def test_a_resource_with_no_code_is_listed() -> None:
    bare = b.condition("1", "x")
    del bare["code"]
    assert "Condition with no code, active" in listed(read(bare))


def test_a_date_in_the_future_is_listed_and_the_entry_not_used() -> None:
    found = read(
        b.condition("38341003", "Hypertension", onset="2030-01-01T00:00:00+00:00"),
        b.observation("29463-7", "Body Weight", 70, "kg", at="2031-01-01T00:00:00+00:00"),
        b.medication_request("2598", "Clonazepam", authored="2032-01-01"),
    )
    assert {s.fact for s in found.statements} == {"birth_date", "sex"}
    assert found.last_entry == LAST
    assert len([line for line in listed(found) if "dated in the future" in line]) == 3


def test_control_characters_of_a_record_reach_no_line() -> None:
    found = read(b.condition("999", "Odd\x1b[31m\nthing"))
    assert "Odd [31m thing (SNOMED CT 999), active" in listed(found)


# medicines


@pytest.mark.parametrize(
    "display",
    [
        "Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet",
        "Oxycodone",
        "12 HR Hydrocodone Bitartrate 15 MG Extended Release Oral Capsule",
    ],
)
def test_an_ingredient_is_found_inside_a_products_name(display: str) -> None:
    assert value("takes_opioid", b.medication_request("123456", display)) is True


@pytest.mark.parametrize("display", ["Oxycodonex 5 MG", "Oxycodone / Naloxone 5 MG"])
def test_part_of_a_word_and_an_excluded_word_do_not_count(display: str) -> None:
    assert value("takes_opioid", b.medication_request("123456", display)) == "never stated"


def test_a_bracket_without_a_space_does_not_hide_a_name() -> None:
    assert value("takes_benzodiazepine", b.medication_request("1", "Clonazepam[Klonopin]")) is True


def test_a_verified_code_counts_alone_and_an_unverified_one_asks() -> None:
    assert value("takes_opioid", b.medication_request("7804", "Some brand")) is True
    assert value("takes_opioid", b.medication_request("999", "Some brand")) == "asked"


def test_a_medicines_name_and_code_that_differ_are_a_disagreement() -> None:
    mixed = b.medication_request("7804", "Clonazepam 1 MG Oral Tablet")
    assert value("takes_opioid", mixed) == "asked"
    assert value("takes_benzodiazepine", mixed) == "asked"


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled"])
def test_a_medicine_no_longer_taken_is_not_current_but_was_taken(status: str) -> None:
    past = b.medication_request("7804", "Oxycodone", status=status)
    assert value("takes_opioid", past) == "never stated"
    assert value("ever_had_opioid", past) is True


@pytest.mark.parametrize("status", ["on-hold", "unknown", ""])
def test_a_medicine_on_hold_or_of_unknown_status_asks(status: str) -> None:
    assert value("takes_opioid", b.medication_request("7804", "Oxycodone", status=status)) == "asked"


@pytest.mark.parametrize(
    "change",
    [{"doNotPerform": True}, {"intent": "plan"}, {"status": "draft"}, {"status": "entered-in-error"}],
)
def test_an_order_that_was_never_one_to_take_is_listed(change: dict[str, Any]) -> None:
    found = read(b.medication_request("7804", "Oxycodone") | change)
    assert not [s for s in found.statements if "opioid" in s.fact]
    assert any(line.startswith("Oxycodone (RxNorm 7804)") for line in listed(found))


def test_a_medication_in_the_bundle_or_contained_is_looked_up_with_its_ingredients() -> None:
    product = {
        "resourceType": "Medication",
        "id": "m1",
        "code": b.concept(b.RXNORM, "555", "Painless forte"),
        "ingredient": [{"itemCodeableConcept": b.concept(b.RXNORM, "556", "oxycodone")}],
    }
    order = b.medication_request("1", "x")
    del order["medicationCodeableConcept"]
    for reference in ("urn:uuid:m1", "Medication/m1"):
        apart = order | {"medicationReference": {"reference": reference}}
        assert value("takes_opioid", apart, product) is True
    contained = order | {"medicationReference": {"reference": "#m1"}, "contained": [product]}
    assert value("takes_opioid", contained) is True
    named = order | {"medicationReference": {"reference": "Medication/gone", "display": "Oxycodone 5 MG"}}
    assert value("takes_opioid", named) is True


def test_a_medication_statement_is_read_like_an_order() -> None:
    stated = b.medication_request("7804", "Oxycodone")
    stated |= {"resourceType": "MedicationStatement", "effectiveDateTime": stated.pop("authoredOn")}
    del stated["intent"]
    assert value("takes_opioid", stated) is True
    assert value("takes_opioid", stated | {"status": "not-taken"}) == "never stated"


# observations


def test_both_pressures_come_from_the_components_of_either_panel() -> None:
    for panel in ("85354-9", "55284-4"):
        (one,) = said("systolic", b.blood_pressure(128.4, 80, panel=panel))
        assert one.value == 128.4
        assert one.at == dt.datetime(2020, 6, 1, 9, tzinfo=dt.UTC)
        assert one.because == "Systolic Blood Pressure 128 mmHg (LOINC 8480-6), 2020-06-01"


def test_a_measurement_is_turned_into_the_facts_unit() -> None:
    assert value("weight", b.observation("29463-7", "Body Weight", 70500, "g")) == 70.5


def test_every_measurement_is_kept_and_the_latest_counts() -> None:
    weights = [
        b.observation("29463-7", "Body Weight", 70 + day, "kg", at=f"2020-06-{10 + day}T08:00:00Z")
        for day in range(5)
    ]
    assert len(said("weight", *weights)) == 5
    assert value("weight", *reversed(weights)) == 74


@pytest.mark.parametrize("kg", [0, 7000, -70])
def test_a_weight_that_cannot_be_real_is_not_used_and_is_listed(kg: float) -> None:
    found = read(b.observation("29463-7", "Body Weight", kg, "kg"))
    assert "weight" not in {s.fact for s in found.statements}
    assert (
        f"Body Weight (LOINC 29463-7) {kg} kg, 2020-06-01: outside what is plausible (25 to 350 kg)"
        in listed(found)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"valueQuantity": {"value": 70}},
        {"valueQuantity": {"value": 70, "unit": "stone"}},
        {"valueQuantity": {"value": 70, "unit": "cm"}},
        {"valueQuantity": {"value": 70, "unit": "kg", "comparator": "<"}},
        {"valueQuantity": {"value": "70", "unit": "kg"}},
        {"valueQuantity": {"value": True, "unit": "kg"}},
        {"valueQuantity": None, "valueString": "70 kg"},
        {"status": "preliminary"},
        {"status": "entered-in-error"},
        {"status": "cancelled"},
        {"effectiveDateTime": "2020-06-01T09:00:00"},
        {"effectiveDateTime": "last week"},
    ],
    ids=str,
)
def test_a_measurement_that_is_not_clear_and_final_is_listed_and_not_used(change: dict[str, Any]) -> None:
    found = read(b.observation("29463-7", "Body Weight", 70, "kg") | change)
    assert "weight" not in {s.fact for s in found.statements}
    assert any(line.startswith("Body Weight") for line in listed(found))


def test_a_coded_answer_becomes_yes_no_or_a_choice_and_another_one_asks() -> None:
    test = b.observation("2106-3", "hCG in urine", None)
    assert value("pregnancy_test", test | {"valueCodeableConcept": {"text": "Positive"}}) is True
    assert value("pregnancy_test", test | {"valueString": "Negative"}) is False
    assert value("pregnancy_test", test | {"valueBoolean": True}) is True
    assert value("pregnancy_test", test | {"valueString": "inconclusive"}) == "asked"
    smoking = b.observation("72166-2", "Tobacco smoking status", None)
    never = {"valueCodeableConcept": b.concept(b.SNOMED, "266919005", "Never smoker")}
    assert value("smoking", smoking | never) == "never"
    assert value("smoking", smoking | {"valueCodeableConcept": {"text": "Sometimes"}}) == "asked"


# allergies, procedures, the person


def test_an_allergy_is_found_by_name_code_reaction_or_among_the_conditions() -> None:
    assert value("drug_allergy", b.allergy("1", "Allergy to ketamine (finding)")) is True
    assert value("drug_allergy", b.allergy("6130", "some drug", system=b.RXNORM)) is True
    reaction = {"reaction": [{"substance": b.concept(b.RXNORM, "1", "ketamine"), "manifestation": []}]}
    assert value("drug_allergy", b.allergy("1", "Drug allergy", **reaction)) is True
    assert value("drug_allergy", b.condition("1", "Allergy to ketamine")) is True
    assert value("drug_allergy", b.condition("1", "Ketamine dependence")) == "never stated"


def test_no_known_allergies_is_listed_and_is_not_a_no() -> None:
    found = read(b.allergy("716186003", "No known allergy (situation)"))
    assert "drug_allergy" not in {s.fact for s in found.statements}
    assert "No known allergy (situation) (SNOMED CT 716186003), active" in listed(found)


def test_a_procedure_that_was_done_counts_and_one_not_done_does_not() -> None:
    assert value("transplant_ever", b.procedure("313039003", "Solid organ transplant")) is True
    undone = b.procedure("313039003", "Solid organ transplant", status="not-done")
    assert value("transplant_ever", undone) == "never stated"


def test_the_person_is_read_with_every_identifier() -> None:
    found = read()
    assert str(found.identity) == "Synthetic Synthetic1, born 1985-04-17"
    assert found.identity.sex == "female"
    assert len(found.identity.identifiers) == 3
    assert found.identity.synthetic
    assert value("age") == 35


def test_a_birth_date_without_its_day_and_an_unknown_sex_are_not_stated() -> None:
    found = read(person=b.patient(born="1985-04", gender="unknown"))
    assert not {s.fact for s in found.statements}
    assert "Date of birth 1985-04: no full date" in listed(found)
    assert "Sex unknown: not stated" in listed(found)


# the whole record


def test_the_chart_lists_problems_medicines_and_allergies_with_their_status_and_dates() -> None:
    found = read(
        b.condition("1", "Something", status="resolved", end="2020-06-01T09:10:00+00:00"),
        b.medication_request("2", "Amlodipine 5 MG Oral Tablet", status="stopped"),
        b.allergy("3", "Allergy to peanuts"),
    )
    assert [(p.display, p.status, bool(p.end)) for p in found.problems] == [("Something", "resolved", True)]
    assert [(m.display, m.system, m.code) for m in found.medicines] == [
        ("Amlodipine 5 MG Oral Tablet", "rxnorm", "2")
    ]
    assert [a.display for a in found.allergies] == ["Allergy to peanuts"]


def test_what_maps_to_nothing_is_listed_once_with_its_count_in_order() -> None:
    twice = [b.procedure("5", "Knitting", at=f"2020-06-0{day}T08:00:00Z") for day in (1, 2)]
    found = read(*twice, {"resourceType": "Immunization", "id": "i", "patient": b.subject()})
    assert "Knitting (SNOMED CT 5), completed (×2)" in listed(found)
    assert "no code: this kind of entry is not read" in listed(found)
    assert list(found.not_understood) == sorted(found.not_understood)  # so they stand by kind


def test_an_entry_twice_counts_once_and_two_entries_of_one_id_keep_both() -> None:
    one = b.condition("38341003", "Hypertension")
    assert len(said("hypertension", one, one)) == 1
    other = one | {"code": b.concept(b.SNOMED, "38341003", "Hypertension, again")}
    both = said("hypertension", one, other)
    assert len({s.id for s in both}) == 2


def test_an_entry_that_does_not_say_whose_it_is_is_not_used() -> None:
    stray = b.condition("38341003", "Hypertension")
    del stray["subject"]
    found = read(stray)
    assert "hypertension" not in {s.fact for s in found.statements}
    assert "does not say whose it is" in listed(found)


def test_an_entry_to_be_deleted_is_not_a_claim() -> None:
    record = b.bundle(b.condition("38341003", "Hypertension"))
    record["entry"][-1]["request"] = {"method": "DELETE", "url": "Condition/1"}
    found = read_bundle(b.as_bytes(record), SMALL, at=AT)
    assert isinstance(found, Imported)
    assert "hypertension" not in {s.fact for s in found.statements}


def test_old_claims_lapse_into_unknown_after_their_validity() -> None:
    found = read(b.condition("72892002", "Normal pregnancy"), b.medication_request("7804", "Oxycodone"))
    later = Facts(found.statements, SMALL, dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    assert isinstance(later["pregnancy"], Unknown)
    assert isinstance(later["takes_opioid"], Unknown)
