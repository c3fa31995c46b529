"""Promises about the repository itself."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from django.conf import settings
from django.urls import get_resolver

from serein.pathway import ENDED, STAGES
from serein.pathway.journey import TRANSITIONS, allowed
from serein_web.people.access import PERSON

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


def views():
    """(route, view) of every URL of Serein's own."""
    found = []
    for prefix in get_resolver().url_patterns:
        if getattr(prefix, "app_name", "") == "ui":
            continue
        found += [(str(prefix.pattern) + str(p.pattern), p.callback) for p in prefix.url_patterns]
    return found


def test_the_eight_words_are_apps_in_their_order():
    assert [f"serein_web.{stage}" for stage in STAGES] == settings.STAGE_APPS


def test_the_glossary_and_the_architecture_know_the_eight_words():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    places = [text.index(f"| {stage} |") for stage in STAGES]
    assert places == sorted(places)


def test_every_course_can_be_ended_from_every_stage_and_none_after():
    for stage in STAGES:
        assert "end" in {t.name for t in allowed(stage)}
    assert allowed(ENDED) == ()
    assert {t.target for t in TRANSITIONS} <= {*STAGES, ENDED}


def test_every_view_says_who_may_see_it():
    missing = [route for route, view in views() if not hasattr(view, "permission")]
    assert missing == []


def test_staff_pages_are_below_clinic_and_patients_pages_below_portal():
    for route, view in views():
        if view.permission == "portal":
            assert route.startswith("portal/"), route
        elif view.permission == PERSON:
            assert route.startswith("account/"), route
        elif view.permission not in {"public", "link"}:
            assert route.startswith("clinic/"), route


def test_only_actions_write():
    """No view, form, query or template tag saves, creates, updates or deletes rows."""
    writing = re.compile(
        r"\.(save|create|bulk_create|get_or_create|update_or_create|delete)\(|objects[^\n]*\.update\("
    )
    offenders = []
    for path in tracked("src/serein_web/**/*.py"):
        allowed_here = (
            path.name == "actions.py" or "migrations" in path.parts or path.parts[-2] in {"audit", "demo"}
        )
        if not allowed_here and writing.search(path.read_text()):
            offenders.append(str(path.relative_to(ROOT)))
    assert offenders == []


def test_every_writer_is_an_action():
    for path in tracked("src/serein_web/*/actions.py"):
        text = path.read_text()
        for match in re.finditer(r"^(@[^\n]+\n)*def ([a-z]\w*)\([^)]*?\bby\b", text, re.MULTILINE):
            body = text[match.end() : match.end() + 6000].split("\ndef ")[0].split("\n@action")[0]
            writes = re.search(r"\.objects\.(create|bulk_create|get_or_create)\(|\.save\(|\.update\(", body)
            assert not writes or "@action" in match.group(0), f"{path.name}: {match.group(2)}"


def test_no_page_carries_an_inline_script_or_style():
    for path in tracked("src/serein_web/**/*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), path
        assert " style=" not in text, path
        assert not re.search(r"\bon(click|load|submit|change)=", text), path


def test_no_page_asks_anything_of_a_third_party():
    for path in tracked(
        "src/serein_web/**/*.html", "src/serein_web/ui/static/ui/*.css", "src/serein_web/ui/static/ui/*.js"
    ):
        text = re.sub(r"http://www\.w3\.org/[^\s\"']+", "", path.read_text())
        assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", text), path


def test_every_dependency_says_why_it_is_there():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    for line in lines:
        if re.match(r'\s+"[a-z][\w.\-\[\]]+(>=|==)', line):
            assert "#" in line, line


def test_the_lock_and_the_licence_are_there():
    names = {p["name"] for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    assert {"serein", "django", "numpy", "msgspec"} <= names
    assert "Apache License" in (ROOT / "LICENSE").read_text()
