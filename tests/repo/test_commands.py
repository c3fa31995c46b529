"""The project's commands: what a newcomer reads must be there to be typed."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def test_every_make_target_explains_itself_in_help():
    explained = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", explained, re.MULTILINE)) == TARGETS


def test_every_make_target_is_declared_phony():
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS


def test_every_make_command_a_document_names_exists():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    named = {
        (str(document.relative_to(ROOT)), target)
        for document in documents
        for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE)
    }
    assert {pair for pair in named if pair[1] not in TARGETS} == set()


def test_the_ci_runs_the_command_that_runs_everything():
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_every_shell_script_is_executable_and_parses():
    scripts = [
        path
        for path in [*(ROOT / "scripts").iterdir(), ROOT / ".ci/run"]
        if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash")
    ]
    assert len(scripts) >= 7
    for script in scripts:
        assert script.stat().st_mode & 0o111, f"{script.name} is not executable"
        subprocess.run(["bash", "-n", script], check=True)
