"""The command line `serein`: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from serein.cli import COMMANDS, knowledge_in_use, main
from serein.errors import KnowledgeError
from serein.knowledge.types import Knowledge
from serein.safety import decision as decisions
from serein.safety.pack import default_store, usable_pack
from tests import bundles as b

AT = "2020-07-01T09:00Z"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def pack(store: Path) -> Knowledge:
    """The pack in use, read once: a command reads it at every start, and there are many commands below."""
    return usable_pack(store=store)


@pytest.fixture(autouse=True)
def _own_store(store: Path, pack: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEREIN_STORE", str(store))
    monkeypatch.setattr(knowledge_in_use, "usable_pack", lambda store: pack)


def serein(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def refused(*arguments: str | Path) -> str:
    """Refused: exit 1, the reason on stderr, nothing on stdout."""
    result = serein(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert result.stderr.startswith("refused: ")
    return result.stderr


def in_json(*arguments: str | Path) -> Any:
    result = serein(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    path.write_bytes(
        b.as_bytes(
            b.bundle(
                b.condition("38341003", "Hypertension"),
                b.medication_request("1", "Diazepam [Valium]"),
                b.blood_pressure(128, 82),
                b.observation("29463-7", "Body Weight", 70.5, "kg"),
                b.procedure("5", "Knitting"),
            )
        )
    )
    return path


def as_file(tmp_path: Path, content: Any, name: str = "file.json") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


# help and usage


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = serein(name, "--help")
    assert result.exit_code == 0
    assert f"serein {name}" in result.stdout
    assert "Example" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["screen"],
        ["screen", "no-such-file.json", "--at", "last"],
        ["screen", "pyproject.toml"],
        ["screen", "pyproject.toml", "--at", "last", "--product", "aspirin"],
        ["score"],
        ["simulate", "--weight", "70"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_understood_ends_with_2(arguments: list[str]) -> None:
    assert serein(*arguments).exit_code == 2


# knowledge


def test_the_knowledge_is_the_checked_pack_of_this_machines_store(
    monkeypatch: pytest.MonkeyPatch, pack: Knowledge, store: Path
) -> None:
    monkeypatch.setattr(knowledge_in_use, "usable_pack", usable_pack)
    assert default_store() == store
    assert knowledge_in_use.knowledge_in_use().hash == pack.hash


def test_knowledge_that_does_not_load_ends_the_command_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(store: Path) -> Knowledge:
        raise KnowledgeError("rules/x.toml", 3, "misspelt")

    monkeypatch.setattr(knowledge_in_use, "usable_pack", broken)
    result = serein("evidence")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "rules/x.toml:3: misspelt" in result.stderr


# screen


def test_screen_prints_the_conclusion_first_and_then_why(record: Path) -> None:
    result = serein("screen", record, "--at", AT)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] in {"EXCLUDE", "REFER", "INCOMPLETE", "ELIGIBLE"}
    assert lines[1] == "Synthetic Synthetic1, born 1985-04-17 (synthetic)"
    assert lines[2] == "ketamine, intravenous, clinic, US, at 2020-07-01 09:00 UTC"
    assert "    because: Hypertension (SNOMED CT 38341003), active since 2020-06-01" in lines
    assert "Missing, must be known" in lines


def test_screen_in_json_is_the_whole_decision(record: Path) -> None:
    found = in_json("screen", record, "--at", AT, "--json")
    assert {
        "conclusion",
        "findings",
        "missing",
        "facts",
        "not_understood",
        "knowledge",
        "overlay",
        "engine",
    } <= found.keys()
    assert found["overlay"] is None
    for finding in found["findings"]:
        assert {
            "rule",
            "action",
            "strength",
            "basis",
            "state",
            "because",
            "evidence",
            "resolves",
        } <= finding.keys()
        assert finding["state"] in {"fires", "unknown"}
    assert "Procedure: Knitting (SNOMED CT 5), completed" in found["not_understood"]
    assert found["facts"]["takes_benzodiazepine"][0]["value"] is True


def test_screening_twice_prints_the_same_bytes(record: Path) -> None:
    arguments = ("screen", record, "--at", AT, "--json")
    assert serein(*arguments).stdout == serein(*arguments).stdout


def test_last_means_the_day_after_the_records_last_entry(record: Path) -> None:
    assert in_json("screen", record, "--at", "last", "--json")["question"]["at"] == "2020-06-02T09:15:00Z"


def test_screen_asks_the_question_that_the_options_ask(record: Path) -> None:
    options = ("--product", "esketamine", "--setting", "home", "--jurisdiction", "EU", "--at", AT, "--json")
    question = in_json("screen", record, *options)["question"]
    assert (question["product"], question["route"]) == ("esketamine", "nasal")
    assert (question["setting"], question["jurisdiction"], question["stage"]) == ("home", "EU", "screening")


def test_a_route_that_the_product_does_not_have_is_refused(record: Path) -> None:
    options = ("--product", "esketamine", "--route", "intravenous", "--at", AT)
    assert "intravenous" in refused("screen", record, *options)


@pytest.mark.parametrize(
    ("at", "reason"), [("yesterday", "not-a-time"), ("2026-11-22T09:00", "no-time-zone")]
)
def test_a_moment_that_is_none_is_refused(record: Path, at: str, reason: str) -> None:
    assert f"[{reason}]" in refused("screen", record, "--at", at)


BAD_FILES: dict[str, tuple[Any, str]] = {
    "truncated JSON": (b.as_bytes(b.bundle())[:-30], "not-json"),
    "XML": (b"<Bundle/>", "not-fhir"),
    "no bundle": (b"[]", "not-fhir"),
    "STU3": (b.bundle(b.condition("1", "x") | {"clinicalStatus": "active"}), "wrong-fhir-version"),
    "two patients": (b.bundle(b.patient(2)), "several-patients"),
    "no patient": ({"resourceType": "Bundle", "type": "transaction", "entry": []}, "no-patient"),
    "a deceased patient": (b.bundle(person=b.patient(deceasedBoolean=True)), "deceased"),
    "an age of 210": (b.bundle(person=b.patient(born="1816-01-01")), "out-of-range"),
    "somebody else's entry": (b.bundle(b.condition("1", "x") | {"subject": b.subject(2)}), "other-patient"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD_FILES[name]
    assert f"[{reason}]" in refused(
        "screen", as_file(tmp_path, content), "--at", "2026-11-22T09:00Z", "--json"
    )


def test_a_file_of_50_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as huge:
        huge.truncate(50_000_000)
    assert "50.0 MB" in refused("screen", path, "--at", "last")


def test_a_record_that_ends_with_time_itself_is_refused(tmp_path: Path) -> None:
    late = b.procedure("5", "Knitting", at="9999-12-31T12:00:00Z")
    path = as_file(tmp_path, b.bundle(late, person=b.patient(born="")))
    assert "[not-a-time]" in refused("screen", path, "--at", "last")


# extra facts


def test_extra_facts_are_used_with_their_own_time_and_source(record: Path, tmp_path: Path) -> None:
    extra = as_file(
        tmp_path,
        {"facts": {"pregnancy": "no", "systolic_pressure": "16 kPa"}, "at": "2020-06-30T08:00Z"},
        "extra.json",
    )
    found = in_json("screen", record, "--facts", extra, "--at", AT, "--json")
    entered = {s["fact"]: s for s in found["statements"] if s["source"] == "staff"}
    assert entered["pregnancy"]["value"] is False
    assert entered["systolic_pressure"]["value"] == pytest.approx(120.01, abs=0.01)
    assert entered["systolic_pressure"]["at"] == "2020-06-30T08:00:00Z"
    assert "pregnancy" not in {m["fact"] for m in found["missing"]}


def test_an_extra_fact_may_be_unknown_and_then_is_asked(record: Path, tmp_path: Path) -> None:
    extra = as_file(tmp_path, {"facts": {"pregnancy": "unknown"}})
    missing = in_json("screen", record, "--facts", extra, "--at", AT, "--json")["missing"]
    assert {m["why"] for m in missing if m["fact"] == "pregnancy"} == {"asked"}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"systolic_pressure": 128}, "no-unit"),
        ({"systolic_pressure": "128"}, "no-unit"),
        ({"systolic_pressure": "128 kg"}, "wrong-dimension"),
        ({"systolic_pressure": "12,8 mmHg"}, "decimal-comma"),
        ({"systolic_pressure": "NaN"}, "not-a-number"),
        ({"weight": "0 kg"}, "out-of-range"),
        ({"weight": "7000 kg"}, "out-of-range"),
        ({"pregnancy": "perhaps"}, "not-a-choice"),
        ({"pregnancy": ["no"]}, "not-a-choice"),
        ({"sex": "x"}, "not-a-choice"),
        ({"birth_date": "2031-01-01"}, "in-the-future"),
        ({"birth_date": "long ago"}, "not-a-time"),
        ({"no_such_fact": "yes"}, "unknown-key"),
    ],
    ids=str,
)
def test_an_extra_fact_that_is_not_clear_is_refused(
    record: Path, tmp_path: Path, facts: dict[str, Any], reason: str
) -> None:
    extra = as_file(tmp_path, {"facts": facts}, "extra.json")
    assert f"[{reason}]" in refused("screen", record, "--facts", extra, "--at", AT, "--json")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not-json"),
        ([], "missing"),
        ({"facts": {}, "extra": 1}, "unknown-key"),
        ({"facts": {}, "at": "2021-01-01T00:00Z"}, "in-the-future"),
        ({"facts": {}, "at": "2020-06-30T08:00"}, "no-time-zone"),
    ],
    ids=str,
)
def test_an_extra_facts_file_that_is_none_is_refused(
    record: Path, tmp_path: Path, content: Any, reason: str
) -> None:
    extra = as_file(tmp_path, content, "extra.json")
    assert f"[{reason}]" in refused("screen", record, "--facts", extra, "--at", AT)


def test_every_wrong_extra_fact_is_named_at_once(record: Path, tmp_path: Path) -> None:
    extra = as_file(tmp_path, {"facts": {"weight": "0 kg", "pregnancy": "perhaps"}}, "extra.json")
    said = refused("screen", record, "--facts", extra, "--at", AT)
    assert "weight" in said
    assert "pregnancy" in said


# replay


@pytest.fixture
def stored(record: Path, tmp_path: Path) -> Path:
    return as_file(tmp_path, serein("screen", record, "--at", AT, "--json").stdout_bytes, "decision.json")


def test_a_decision_replays_to_the_same(stored: Path) -> None:
    result = serein("replay", stored)
    assert (result.exit_code, result.stdout) == (0, "same\n")


def test_a_decision_kept_with_other_spacing_is_still_the_same(stored: Path) -> None:
    stored.write_text(json.dumps(json.loads(stored.read_bytes()), indent=2))
    assert serein("replay", stored).stdout == "same\n"


def test_a_decision_that_was_changed_replays_to_its_differences(stored: Path) -> None:
    changed = json.loads(stored.read_bytes())
    changed["conclusion"] = "eligible"
    changed["findings"] = changed["findings"][1:]
    stored.write_text(json.dumps(changed))
    result = serein("replay", stored)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "conclusion: eligible -> " in result.stderr
    assert "rule " in result.stderr


def test_a_decision_of_another_engine_says_so(stored: Path) -> None:
    changed = json.loads(stored.read_bytes()) | {"engine": "serein 0.0.1"}
    stored.write_text(json.dumps(changed))
    result = serein("replay", stored)
    assert result.exit_code == 0
    assert result.stdout.startswith("same (made with serein 0.0.1, replayed with ")


@pytest.mark.parametrize("hash_", ["0" * 64, "../../etc/passwd", ""])
def test_a_decision_whose_knowledge_is_not_here_is_refused(stored: Path, hash_: str) -> None:
    stored.write_text(json.dumps(json.loads(stored.read_bytes()) | {"knowledge": hash_}))
    assert "[not-known-here]" in refused("replay", stored)


def test_a_decision_made_with_older_knowledge_is_judged_with_that_knowledge(
    stored: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serein.cli import replay
    from tests.knowledge_pack import small_pack

    monkeypatch.setattr(replay, "knowledge_in_use", small_pack)
    assert (store / f"pack-{json.loads(stored.read_bytes())['knowledge']}.json").exists()
    assert serein("replay", stored).stdout == "same\n"


@pytest.mark.parametrize(
    "change",
    [
        {"fact": "no_such_fact"},
        {"at": "2020-06-01T09:00:00"},
        {"fact": "weight", "value": "heavy"},
        {"fact": "pregnancy", "value": 3.0},
        {"fact": "birth_date", "value": "long ago"},
    ],
    ids=str,
)
def test_a_stored_statement_that_cannot_be_is_refused(stored: Path, change: dict[str, Any]) -> None:
    content = json.loads(stored.read_bytes())
    content["statements"][0] |= change
    stored.write_text(json.dumps(content))
    refused("replay", stored)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1", b"\xff"])
def test_what_is_no_decision_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "[not-json]" in refused("replay", as_file(tmp_path, content))


def test_the_json_of_screen_is_the_canonical_form(stored: Path) -> None:
    data = stored.read_bytes()
    assert decisions.canonical(decisions.from_json(data)) + b"\n" == data


# score


@pytest.mark.parametrize("name", ["gad-7", "GAD-7", "gad7"])
def test_an_instrument_is_found_however_it_is_written(name: str) -> None:
    found = in_json("score", name, *"1230121", "--json")
    assert (found["instrument"], found["total"], found["prorated"]) == ("gad-7", 10, False)
    assert found["band"] == "moderate"


def test_a_score_is_also_said_in_words() -> None:
    assert "10 of 21" in serein("score", "gad-7", *"1230121").stdout


def test_a_missing_answer_is_prorated_and_marked() -> None:
    found = in_json("score", "gad-7", *"123012", "-", "--json")
    assert (found["missing"], found["prorated"]) == ([7], True)


def test_a_safety_item_left_out_is_for_a_clinician() -> None:
    found = in_json("score", "phq-9", *"00000000", "-", "--json")
    assert found["safety"] == "unknown"
    assert "clinician must ask" in serein("score", "phq-9", *"00000000", "-").stdout
    assert in_json("score", "phq-9", *"000000001", "--json")["safety"] == "positive"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gad-7", *"123012"], "wrong-count"),
        (["gad-7"], "wrong-count"),
        (["gad-7", *"1230124"], "not-a-choice"),
        (["gad-7", *"123012", "-1"], "not-a-choice"),
        (["gad-7", *"123012", "1,5"], "not-a-choice"),
        (["no-such", "1"], "not-known-here"),
        (["ham-a", "--total", "57"], "out-of-range"),
        (["ham-a", "--total", "2,5"], "not-a-number"),
        (["ham-a", "1", "--total", "2"], "wrong-count"),
        (["gad-7", "--total", "5"], "not-allowed-now"),
        (["lsas-ca", "--total", "70", "--part", "fear=40", "--part", "avoidance=31"], "mismatch"),
        (["lsas-ca", "--total", "70", "--part", "fear=1", "--part", "fear=2"], "duplicate"),
        (["lsas-ca", "--part", "fear=1"], "wrong-count"),
    ],
    ids=str,
)
def test_answers_that_do_not_fit_are_refused(arguments: list[str], reason: str) -> None:
    assert f"[{reason}]" in refused("score", *arguments)


def test_a_total_taken_elsewhere_is_scored_with_its_band_and_sub_scores() -> None:
    assert "23 of 56, Moderate anxiety [moderate]" in serein("score", "ham-a", "--total", "23").stdout
    found = in_json("score", "lsas-sr", "--total", "70", "--part", "fear=40", "--json")
    assert (found["total"], found["band"], found["parts"]) == (70, "marked", {"fear": 40})


def test_an_instrument_is_printed_as_a_questionnaire_and_a_response_is_scored(tmp_path: Path) -> None:
    assert len(in_json("questionnaire", "pcl-5")["item"]) == 20
    assert in_json("questionnaire", "phq-9", "--language", "es")["language"] == "es"
    assert "self-ratings" in serein("questionnaire").stdout
    asked = in_json("questionnaire", "gad-7")["item"]
    answered = [{"linkId": one["linkId"], "answer": [{"valueInteger": 1}]} for one in asked]
    file = tmp_path / "response.json"
    content = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": answered}
    file.write_text(json.dumps(content))
    assert in_json("questionnaire", "gad-7", "--answers", str(file))["total"] == 7
    assert "[missing]" in refused("questionnaire", "pcl-5", "--answers", str(file))
    assert "[not-known-here]" in refused("questionnaire", "gad-7", "--language", "es")
    file.write_text("[" * 100_000)
    assert "[not-json]" in refused("questionnaire", "gad-7", "--answers", str(file))


# simulate

REGIMEN = {
    "--model": "kamp-2020",
    "--weight": "70",
    "--dose": "0.5 mg/kg",
    "--route": "intravenous",
    "--over": "40 min",
    "--until": "240 min",
    "--every": "1 min",
}


def simulate(*more: str, **change: str) -> list[str]:
    options = REGIMEN | {f"--{name}": value for name, value in change.items()}
    return ["simulate", *(word for pair in options.items() for word in pair), *more]


def test_a_simulation_is_a_table_from_zero_to_the_end() -> None:
    result = serein(*simulate())
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.exit_code == 0
    assert list(rows[0]) == [
        "time_min",
        "ketamine_plasma_ng_per_ml",
        "ketamine_effect_site_ng_per_ml",
    ]
    assert [float(rows[i]["time_min"]) for i in (0, 1, -1)] == [0, 1, 240]
    peak = max(rows, key=lambda row: float(row["ketamine_plasma_ng_per_ml"]))
    assert float(peak["time_min"]) == 40


def test_a_simulation_in_json_has_the_same_numbers() -> None:
    table = list(csv.DictReader(io.StringIO(serein(*simulate()).stdout)))
    found = in_json(*simulate("--format", "json"))
    assert found["ketamine_plasma_ng_per_ml"] == [float(r["ketamine_plasma_ng_per_ml"]) for r in table]
    assert found["dose_mg"] == 35


def test_a_dose_by_weight_and_the_same_dose_in_mg_give_one_curve() -> None:
    assert serein(*simulate()).stdout == serein(*simulate(dose="35 mg", weight="70 kg")).stdout


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dose": "0.5"}, "no-unit"),
        ({"dose": "1,5 mg"}, "decimal-comma"),
        ({"dose": "-5 mg"}, "negative"),
        ({"dose": "0 mg/kg"}, "negative"),
        ({"dose": "NaN mg"}, "not-a-number"),
        ({"dose": "5 mL"}, "wrong-dimension"),
        ({"weight": "0"}, "negative"),
        ({"weight": "7000"}, "out-of-range"),
        ({"weight": "1e999"}, "not-a-number"),
        ({"dose": "1e99999999 mg"}, "not-a-number"),
        ({"weight": "70 min"}, "wrong-dimension"),
        ({"over": "40"}, "no-unit"),
        ({"every": "0 min"}, "negative"),
        ({"model": "no-such"}, "not-known-here"),
        ({"model": "body-weight"}, "not-known-here"),
        ({"route": "by-post"}, "not-a-choice"),
    ],
    ids=str,
)
def test_a_regimen_that_is_not_clear_is_refused(change: dict[str, str], reason: str) -> None:
    assert f"[{reason}]" in refused(*simulate(**change))


# evidence


def test_evidence_lists_every_source_and_shows_one_with_what_rests_on_it() -> None:
    listed = in_json("evidence", "--json")
    assert "kamp-2020" in {source["key"] for source in listed}
    assert all(source["key"] in serein("evidence").stdout for source in listed)
    one = in_json("evidence", "kamp-2020", "--json")
    assert "models/kamp-2020.toml" in one["cited_by"]
    shown = serein("evidence", "kamp-2020").stdout
    assert one["citation"] in shown
    assert "cited by: models/kamp-2020.toml" in shown


def test_a_source_that_nobody_has_is_refused() -> None:
    assert "[not-known-here]" in refused("evidence", "no-such-source")
