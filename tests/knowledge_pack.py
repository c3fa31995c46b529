"""A small knowledge pack for tests that must not depend on clinical content. Nothing in it is true."""

from __future__ import annotations

from serein.knowledge.load import build, parse_toml
from serein.knowledge.types import Knowledge, Pack

FACTS = """
[birth_date]
type = "date"
stage = "enquiry"
recorded_as = "patient"
text = { ask = "Date of birth" }

[sex]
type = "choice"
choices = ["female", "male", "other"]
stage = "enquiry"
recorded_as = "patient"
text = { ask = "Sex" }

[age]
type = "number"
unit = "a"
plausible = [0, 125]
stage = "enquiry"
derived = { function = "time_since", of = ["birth_date"] }
text = { ask = "Age" }

[weight]
type = "number"
unit = "kg"
plausible = [25, 350]
decimals = 1
validity = "30 d"
stage = "screening"
recorded_as = "observation"
codes = [{ system = "loinc", code = "29463-7", means = "value" }]
text = { ask = "Weight" }

[systolic]
type = "number"
unit = "mmHg"
plausible = [40, 300]
stage = "screening"
recorded_as = "observation"
codes = [{ system = "loinc", code = "8480-6", means = "value" }]
text = { ask = "Systolic pressure" }

[pregnancy_test]
type = "flag"
stage = "screening"
recorded_as = "observation"
codes = [{ system = "loinc", code = "2106-3", means = "value" }]
text = { ask = "Pregnancy test positive" }

[smoking]
type = "choice"
choices = ["never", "former", "current"]
stage = "screening"
recorded_as = "observation"
codes = [
  { system = "loinc", code = "72166-2", means = "value" },
  { system = "snomed", code = "266919005", means = "never" },
  { system = "snomed", code = "8517006", means = "former" },
]
text = { ask = "Smoking" }

[hypertension]
type = "flag"
stage = "screening"
recorded_as = "condition"
codes = [
  { system = "snomed", code = "38341003" },
  { system = "icd10cm", code = "I10" },
  { system = "icd10cm", code = "I1A", means = "ask", family = true, note = "kind not recorded" },
  { system = "icd10cm", code = "I1A.0", family = true },
]
names = ["hypertension"]
excludes = ["pulmonary"]
text = { ask = "Hypertension" }

[pregnancy]
type = "flag"
validity = "300 d"
stage = "screening"
recorded_as = "condition"
codes = [
  { system = "snomed", code = "72892002" },
  { system = "snomed", code = "60001007", means = "no", display = "Not pregnant" },
]
names = ["pregnancy"]
text = { ask = "Pregnant" }

[brain_bleed_ever]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "condition"
codes = [
  { system = "snomed", code = "274100004" },
  { system = "snomed", code = "230690007", means = "ask", note = "type not recorded: unknown" },
]
names = ["cerebral hemorrhage"]
text = { ask = "Brain bleed" }

[arrest_ever]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "condition"
names = ["cardiac arrest"]
text = { ask = "Cardiac arrest" }

[arrest_now]
type = "flag"
stage = "screening"
recorded_as = "condition"
names = ["cardiac arrest"]
text = { ask = "In cardiac arrest" }

[arrest_on]
type = "date"
stage = "screening"
recorded_as = "condition"
names = ["cardiac arrest"]
text = { ask = "Day of the cardiac arrest" }

[guessed]
type = "flag"
stage = "screening"
recorded_as = "condition"
codes = [{ system = "snomed", code = "111", verified = false }]
names = ["guessed disease"]
text = { ask = "Guessed" }

[other_disease]
type = "flag"
stage = "screening"
recorded_as = "condition"
codes = [{ system = "snomed", code = "222" }]
names = ["other disease"]
text = { ask = "Other" }

[takes_opioid]
type = "flag"
validity = "90 d"
stage = "screening"
recorded_as = "medicine"
codes = [
  { system = "rxnorm", code = "7804", display = "oxycodone" },
  { system = "rxnorm", code = "999", verified = false },
]
names = ["oxycodone", "hydrocodone"]
excludes = ["naloxone"]
text = { ask = "Opioid" }

[takes_benzodiazepine]
type = "flag"
validity = "90 d"
stage = "screening"
recorded_as = "medicine"
codes = [{ system = "rxnorm", code = "2598", display = "clonazepam" }]
names = ["clonazepam", "diazepam"]
text = { ask = "Benzodiazepine" }

[ever_had_opioid]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "medicine"
names = ["oxycodone", "hydrocodone"]
text = { ask = "Opioid ever" }

[drug_allergy]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "allergy"
codes = [{ system = "rxnorm", code = "6130" }]
names = ["ketamine"]
text = { ask = "Allergy" }

[transplant_ever]
type = "flag"
span = "ever"
stage = "screening"
recorded_as = "procedure"
codes = [{ system = "snomed", code = "313039003" }]
names = ["transplant"]
text = { ask = "Transplant" }
"""


def small_pack() -> Knowledge:
    """The facts above, validated as any pack is."""
    return build(Pack({"facts/small.toml": parse_toml("facts/small.toml", FACTS)}))
