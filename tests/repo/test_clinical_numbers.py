"""A clinical number never changes in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from serein.knowledge import load
from serein.knowledge.numbers import lock_text, numbers, read_lock, unexplained

ROOT = Path(__file__).parents[2]
NOW = numbers(load().pack.files)
PATH = "rules/cautions/obesity.toml when.any.body_mass_index.at_least"


def test_every_number_that_changed_since_the_lock_is_named_by_a_fragment():
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "knowledge_lock.py"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_changed_and_a_removed_number_need_a_fragment_and_a_new_one_does_not():
    was = NOW | {PATH: "31 kg/m2", "rules/gone.toml when.above": "3 mmHg"}
    del was["rules/cautions/age-65-or-over.toml when.at_least"]
    assert unexplained(was, NOW, "") == [
        f"{PATH}: was 31 kg/m2, is 30 kg/m2",
        "rules/gone.toml when.above: was 3 mmHg, is not there",
    ]
    told = f"- `{PATH}`: 31 to 30, because.\n- `rules/gone.toml when.above`: gone, because."
    assert unexplained(was, NOW, told) == []
    assert unexplained(NOW, NOW, "") == []


def test_the_lock_says_again_what_it_was_given():
    assert read_lock(lock_text(NOW)) == NOW
    assert lock_text(NOW).splitlines() == sorted(lock_text(NOW).splitlines())


def test_every_threshold_of_every_rule_is_one_of_the_numbers():
    for name in ("rules/cautions/obesity.toml", "rules/day-of-treatment/pressure-severe-before-dose.toml"):
        assert [p for p in NOW if p.startswith(name)]
    assert NOW[PATH] == "30 kg/m2"
    assert NOW["facts/vitals.toml systolic_pressure.plausible.2"] == "300"
    assert NOW["routes/nasal.toml minimum_observation"] == "120 min"
    assert not [p for p in NOW if ".text." in p or "examples" in p or ".codes." in p]
