"""A model file is read exactly, or refused with the key at fault."""

import copy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import serein.knowledge
from serein.pharmacology import ThreeCompartment

FOLDER = Path(serein.knowledge.__file__).parent
KAMP = tomllib.loads((FOLDER / "models/kamp-2020.toml").read_text())


def test_a_reference_weight_keeps_the_published_numbers():
    person = ThreeCompartment.from_data(KAMP).at_weight(70.0)
    assert (person.v1_l, person.v2_l, person.v3_l) == (25, 56, 157)
    assert (person.cl_l_per_h, person.q2_l_per_h, person.q3_l_per_h) == (84, 161, 79)
    assert person.half_life_min == 8.3


def test_volumes_scale_with_weight_and_clearances_with_its_three_quarter_power():
    person = ThreeCompartment.from_data(KAMP).at_weight(140.0)
    assert person.v3_l == 314
    assert person.cl_l_per_h == pytest.approx(84 * 2**0.75)
    assert person.half_life_min == 8.3


def test_every_group_of_numbers_says_what_it_rests_on():
    rests_on = ThreeCompartment.from_data(KAMP).rests_on
    assert {name: group.basis for name, group in rests_on.items()} == {
        "disposition": "trial",
        "effect_site": "trial",
        "variability": "assumption",
        "validity": "assumption",
    }
    cited = {key for group in rests_on.values() for key in group.evidence} | set(KAMP["evidence"])
    assert cited <= {path.stem for path in (FOLDER / "evidence").glob("*.toml")}


def broken(path: str, value: object) -> dict:
    data = copy.deepcopy(KAMP)
    *tables, last = path.split(".")
    table = data
    for name in tables:
        table = table[name]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("key", None),
        ("key", 3),
        ("title", " "),
        ("kind", "two-compartment"),
        ("dose_as", "salt"),
        ("sampling_site", "capillary"),
        ("routes", []),
        ("products", "ketamine"),
        ("evidence", None),
        ("reviewed_on", "soon"),
        ("written_by", None),
        ("colour", "blue"),
        ("text", "words"),
        ("text.summary", None),
        ("disposition", None),
        ("disposition.v1_l", None),
        ("disposition.v1_l", "25 L"),
        ("disposition.v1_l", 0),
        ("disposition.v2_l", -56.0),
        ("disposition.cl_l_per_h", float("nan")),
        ("disposition.q2_l_per_h", float("inf")),
        ("disposition.q3_l_per_h", True),
        ("disposition.v4_l", 10.0),
        ("disposition.basis", "hearsay"),
        ("disposition.evidence", None),
        ("disposition.note", None),
        ("effect_site.half_life_min", 0),
        ("variability.v1_l", None),
        ("variability.ka", 0.2),
        ("validity.plausible_weight_kg", [300.0, 30.0]),
        ("validity.plausible_weight_kg", [30.0]),
        ("validity.plausible_age_years", [-1.0, 120.0]),
        ("assumptions", []),
    ],
)
def test_a_wrong_model_file_is_refused_by_the_key_at_fault(path, value):
    with pytest.raises(ValueError, match=f"^{path}"):
        ThreeCompartment.from_data(broken(path, value))


def test_an_assumption_told_at_an_unknown_moment_is_refused():
    data = copy.deepcopy(KAMP)
    data["assumptions"][1]["when"] = "sometimes"
    with pytest.raises(ValueError, match=r"^assumptions\[1\]\.when"):
        ThreeCompartment.from_data(data)


def test_running_a_forecast_needs_no_scipy():
    code = (
        "import sys, serein.pharmacology; sys.exit(any(m.partition('.')[0] == 'scipy' for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
