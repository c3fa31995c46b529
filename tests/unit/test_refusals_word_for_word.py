"""Every refusal of a reading, a dose, a pump and a weight, word for word: what a tired person reads must be right."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from serein.errors import Reason, Refusal
from serein.knowledge import load
from serein.monitoring import recovery_score as aldrete
from serein.monitoring.readings import check_values, parse_reading
from serein.safety.body_weight import weights
from serein.safety.guardrail import check_dose, guardrail_for, propose_dose, pump_rate
from serein.units import Quantity

K = load()
F = K.facts
IV, NA = K.routes["intravenous"], K.routes["nasal"]
KET, ESK = K.products["ketamine-hydrochloride-injection"], K.products["esketamine-nasal-spray"]
TEN = {item.key: 2 for item in aldrete.items(K)}


def propose(route, product, wanted, unit, kg, rounding="1"):
    return propose_dose(
        route,
        product,
        wanted=Quantity(D(wanted), unit),
        weight_kg=None if kg is None else D(kg),
        rounding_mg=D(rounding),
    )


def pump(route, product, dose, concentration, minutes, step=None):
    return pump_rate(
        route,
        product,
        dose_mg=D(dose),
        concentration_mg_per_ml=D(concentration),
        over_min=D(minutes),
        rate_step_ml_per_h=None if step is None else D(step),
    )


REFUSED = [
    (
        lambda: parse_reading(F["heart_rate"], " "),
        "MISSING",
        "heart_rate is missing. Enter it, or say that it is not known.",
    ),
    (
        lambda: parse_reading(F["heart_rate"], "fast"),
        "NOT_A_NUMBER",
        "heart_rate is not a number: fast. Enter digits with a decimal point, such as 0.5.",
    ),
    (
        lambda: parse_reading(F["heart_rate"], "7,5"),
        "DECIMAL_COMMA",
        "heart_rate has a comma: 7,5. Write a decimal point: a comma could mean ten times the dose to the next reader.",
    ),
    (
        lambda: parse_reading(F["heart_rate"], "72 mmHg"),
        "WRONG_DIMENSION",
        "heart_rate is in the wrong kind of unit: 72 mmHg. Give it in /min.",
    ),
    (
        lambda: parse_reading(F["heart_rate"], "19"),
        "OUT_OF_RANGE",
        "heart_rate is outside what is plausible: 19. It must be 20 /min to 250 /min. Check it and enter it again.",
    ),
    (
        lambda: parse_reading(F["heart_rate"], "251 /min"),
        "OUT_OF_RANGE",
        "heart_rate is outside what is plausible: 251 /min. It must be 20 /min to 250 /min. Check it and enter it again.",
    ),
    (
        lambda: parse_reading(F["back_to_self"], "maybe"),
        "NOT_A_CHOICE",
        "back_to_self is not one of the answers: maybe. Choose one of: yes, no.",
    ),
    (
        lambda: parse_reading(F["asa_class"], "IX"),
        "NOT_A_CHOICE",
        "asa_class is not one of the answers: IX. Choose one of: I, II, III, IV, V.",
    ),
    (
        lambda: check_values({"no_such_fact": 1}, K),
        "UNKNOWN_KEY",
        "reading has something that Serein does not know: no_such_fact. Remove it or correct its name.",
    ),
    (
        lambda: check_values({"age": 40.0}, K),
        "UNKNOWN_KEY",
        "reading has something that Serein does not know: age is computed. Remove it or correct its name.",
    ),
    (
        lambda: check_values({"heart_rate": "72"}, K),
        "NOT_A_NUMBER",
        "heart_rate is not a number: 72. Enter digits with a decimal point, such as 0.5.",
    ),
    (
        lambda: check_values({"heart_rate": True}, K),
        "NOT_A_NUMBER",
        "heart_rate is not a number: True. Enter digits with a decimal point, such as 0.5.",
    ),
    (
        lambda: check_values({"heart_rate": float("nan")}, K),
        "NOT_A_NUMBER",
        "heart_rate is not a number: nan. Enter digits with a decimal point, such as 0.5.",
    ),
    (
        lambda: check_values({"heart_rate": 19.0}, K),
        "OUT_OF_RANGE",
        "heart_rate is outside what is plausible: 19.0. It must be 20 /min to 250 /min. Check it and enter it again.",
    ),
    (
        lambda: check_values({"heart_rate": 251}, K),
        "OUT_OF_RANGE",
        "heart_rate is outside what is plausible: 251. It must be 20 /min to 250 /min. Check it and enter it again.",
    ),
    (
        lambda: check_values({"back_to_self": "yes"}, K),
        "NOT_A_CHOICE",
        "back_to_self is not one of the answers: yes. Choose one of: yes, no.",
    ),
    (
        lambda: check_values({"asa_class": "IX"}, K),
        "NOT_A_CHOICE",
        "asa_class is not one of the answers: IX. Choose one of: I, II, III, IV, V.",
    ),
    (
        lambda: aldrete.score(TEN | {"mood": 2}, K),
        "UNKNOWN_KEY",
        "item of Modified Aldrete score has something that Serein does not know: mood. Remove it or correct its name.",
    ),
    (
        lambda: aldrete.score({k: v for k, v in TEN.items() if k != "activity"}, K),
        "MISSING",
        "Movement is missing. Enter it, or say that it is not known.",
    ),
    (
        lambda: aldrete.score(TEN | {"saturation": 3}, K),
        "NOT_A_CHOICE",
        "Oxygen saturation is not one of the answers: 3. Choose one of: 0, 1, 2.",
    ),
    (
        lambda: guardrail_for(IV, ESK),
        "NOT_KNOWN_HERE",
        "route is not known here: esketamine-nasal-spray intravenous. Use one of: nasal.",
    ),
    (
        lambda: check_dose(NA, ESK, dose_mg=D("30"), weight_kg=None),
        "NOT_A_CHOICE",
        "dose is not one of the answers: 30 mg. Choose one of: 28 mg, 56 mg, 84 mg.",
    ),
    (
        lambda: check_dose(NA, ESK, dose_mg=D("112"), weight_kg=None),
        "OUT_OF_RANGE",
        "dose is outside what is plausible: 112 mg. It must be above 0 mg to below 112 mg (above 0 mg and below 112 mg). Check it and enter it again.",
    ),
    (
        lambda: check_dose(IV, KET, dose_mg=D("35"), weight_kg=None),
        "MISSING",
        "weight is missing. Enter it, or say that it is not known.",
    ),
    (
        lambda: check_dose(IV, KET, dose_mg=D("35"), weight_kg=D("0")),
        "NEGATIVE",
        "weight must be above zero: 0 kg. Check it and enter it again.",
    ),
    (
        lambda: check_dose(IV, KET, dose_mg=D("-1"), weight_kg=D("70")),
        "NEGATIVE",
        "dose must be above zero: -1 mg. Check it and enter it again.",
    ),
    (
        lambda: check_dose(IV, KET, dose_mg=D("NaN"), weight_kg=D("70")),
        "NOT_A_NUMBER",
        "dose is not a number: NaN. Enter digits with a decimal point, such as 0.5.",
    ),
    (
        lambda: check_dose(IV, KET, dose_mg=D("105"), weight_kg=D("70")),
        "OUT_OF_RANGE",
        "dose is outside what is plausible: 105 mg. It must be above 0 mg to below 105 mg (above 0 mg/kg and below 1.5 mg/kg). Check it and enter it again.",
    ),
    (
        lambda: propose(IV, KET, "0.5", "mg/kg", None),
        "MISSING",
        "weight is missing. Enter it, or say that it is not known.",
    ),
    (
        lambda: propose(IV, KET, "0.5", "mg/kg", "-70"),
        "NEGATIVE",
        "weight must be above zero: -70 kg. Check it and enter it again.",
    ),
    (
        lambda: propose(IV, KET, "35", "mL", "70"),
        "WRONG_DIMENSION",
        "dose is in the wrong kind of unit: 35 mL. Give it in mg/kg or mg.",
    ),
    (
        lambda: propose(IV, KET, "-35", "mg", "70"),
        "NEGATIVE",
        "dose must be above zero: -35 mg. Check it and enter it again.",
    ),
    (
        lambda: propose(IV, KET, "2", "mg/kg", "70"),
        "OUT_OF_RANGE",
        "dose is outside what is plausible: 140 mg. It must be above 0 mg to below 105 mg (above 0 mg/kg and below 1.5 mg/kg). Check it and enter it again.",
    ),
    (
        lambda: propose(IV, KET, "35", "mg", "70", rounding="0"),
        "NEGATIVE",
        "rounding must be above zero: 0 mg. Check it and enter it again.",
    ),
    (
        lambda: propose(IV, KET, "0.4", "mg", "70"),
        "OUT_OF_RANGE",
        "dose is outside what is plausible: 0.4 mg. It must be 1 mg to 105 mg. Check it and enter it again.",
    ),
    (
        lambda: propose(NA, ESK, "20", "mg", None),
        "OUT_OF_RANGE",
        "dose is outside what is plausible: 20 mg. It must be 28 mg to 112 mg. Check it and enter it again.",
    ),
    (
        lambda: propose(NA, KET, "20", "mg", None),
        "NOT_KNOWN_HERE",
        "route is not known here: ketamine-hydrochloride-injection nasal. Use one of: intravenous, intramuscular, subcutaneous.",
    ),
    (
        lambda: pump(NA, ESK, "56", "1", "10"),
        "NOT_KNOWN_HERE",
        "pump is not known here: esketamine-nasal-spray nasal. Use one of: an infusion route.",
    ),
    (
        lambda: pump(NA, KET, "56", "1", "10"),
        "NOT_KNOWN_HERE",
        "pump is not known here: ketamine-hydrochloride-injection nasal. Use one of: an infusion route.",
    ),
    (
        lambda: pump(IV, KET, "0", "1", "40"),
        "NEGATIVE",
        "dose must be above zero: 0 mg. Check it and enter it again.",
    ),
    (
        lambda: pump(IV, KET, "35", "0", "40"),
        "NEGATIVE",
        "concentration must be above zero: 0 mg/mL. Check it and enter it again.",
    ),
    (
        lambda: pump(IV, KET, "35", "1", "0"),
        "NEGATIVE",
        "duration must be above zero: 0 min. Check it and enter it again.",
    ),
    (
        lambda: pump(IV, KET, "35", "1", "40", step="0"),
        "NEGATIVE",
        "pump step must be above zero: 0 mL/h. Check it and enter it again.",
    ),
    (
        lambda: pump(IV, KET, "35", "51", "40"),
        "OUT_OF_RANGE",
        "concentration is outside what is plausible: 51 mg/mL. It must be above 0 mg/mL to 50 mg/mL: dilute it. Check it and enter it again.",
    ),
    (
        lambda: pump(IV, KET, "0.01", "10", "40", step="1"),
        "OUT_OF_RANGE",
        "rate is outside what is plausible: 0 mL/h. It must be 1 mL/h to any rate above. Check it and enter it again.",
    ),
    (
        lambda: weights(K, "female", D("99"), D("70")),
        "OUT_OF_RANGE",
        "height is outside what is plausible: 99 cm. It must be 100 cm to 250 cm. Check it and enter it again.",
    ),
    (
        lambda: weights(K, "female", D("170"), D("351")),
        "OUT_OF_RANGE",
        "weight is outside what is plausible: 351 kg. It must be 25 kg to 350 kg. Check it and enter it again.",
    ),
    (
        lambda: weights(K, "female", D("NaN"), D("70")),
        "OUT_OF_RANGE",
        "height is outside what is plausible: NaN cm. It must be 100 cm to 250 cm. Check it and enter it again.",
    ),
    (
        lambda: weights(K, None, D("170"), D("70")).not_computed,
        "NOT_A_CHOICE",
        "sex for clinical calculations is not one of the answers: . Choose one of: female, male.",
    ),
    (
        lambda: weights(K, "other", D("170"), D("70")).not_computed,
        "NOT_A_CHOICE",
        "sex for clinical calculations is not one of the answers: other. Choose one of: female, male.",
    ),
    (
        lambda: weights(K, "male", D("150"), D("70")).not_computed,
        "OUT_OF_RANGE",
        "height for the ideal weight is outside what is plausible: 150 cm. It must be 152.4 cm to any height above. Check it and enter it again.",
    ),
]


@pytest.mark.parametrize(("asked", "reason", "words"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_refusal_says_what_why_and_what_next(asked, reason, words):
    refusal = asked()
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason[reason]
    assert str(refusal) == words


def test_what_is_accepted_is_no_refusal():
    assert parse_reading(F["heart_rate"], " 72 ") == 72.0
    assert parse_reading(F["systolic_pressure"], "16 kPa") == pytest.approx(120.0098, abs=1e-3)
    assert (parse_reading(F["back_to_self"], "yes"), parse_reading(F["back_to_self"], "no")) == (True, False)
    assert parse_reading(F["asa_class"], "II") == "II"
    assert check_values({"heart_rate": 72, "back_to_self": False, "asa_class": "II"}, K) is None
    assert [parse_reading(F["heart_rate"], edge) for edge in ("20", "250")] == [20.0, 250.0]


def test_a_pump_setting_holds_all_four_numbers():
    setting = pump(IV, KET, "35", "2", "40", step="7")
    assert not isinstance(setting, Refusal)
    # 17.5 mL over 40 min would be 26.25 mL/h; the pump's step makes it 21, and the time grows to 50 min
    assert (setting.dose_mg, setting.concentration_mg_per_ml, setting.volume_ml) == (D(35), D(2), D("17.5"))
    assert (setting.rate_ml_per_h, setting.over_min) == (D(21), D(50))
    assert pump(IV, KET, "35", "50", "40") is not None


def test_a_checked_dose_carries_its_bounds_as_written():
    check = check_dose(IV, KET, dose_mg=D("80"), weight_kg=D("70"))
    assert not isinstance(check, Refusal)
    assert (check.route, check.product, check.dose_mg, check.weight_kg) == (
        "intravenous",
        KET.key,
        D(80),
        D(70),
    )
    assert check.mg_per_kg == D(80) / D(70)
    assert [b.name for b in check.bounds] == ["absolute", "recommended", "session cap"]
    absolute, recommended, cap = check.bounds
    assert absolute.written == "above 0 mg/kg and below 1.5 mg/kg"
    assert recommended.written == "0.25 mg/kg to 1.0 mg/kg"
    assert (recommended.low_mg, recommended.high_mg, recommended.holds) == (D("17.5"), D("70.0"), False)
    assert recommended.basis == IV.guardrails[0].recommended.basis
    assert recommended.evidence == IV.guardrails[0].recommended.evidence
    assert recommended.why == IV.guardrails[0].recommended.why
    assert (cap.low_mg, cap.high_mg, cap.holds) == (D(0), D(100), True)
    assert check.crossed == (recommended,)
    assert check.needs_reason
    assert check.binding is recommended
    assert check_dose(NA, ESK, dose_mg=D("56"), weight_kg=None).mg_per_kg is None


def test_aldrete_items_carry_their_words():
    first = aldrete.items(K)[0]
    assert (first.key, first.title, len(first.levels)) == ("activity", "Movement", 3)
    assert aldrete.score(TEN, K) == 10
    assert aldrete.score(TEN | {"activity": 0, "saturation": 1}, K) == 7
