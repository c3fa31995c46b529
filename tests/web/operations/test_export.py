"""Leaving with everything: FHIR that others read, every table whole, the documents as they came."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.core.management import call_command
from django.utils import timezone

from serein_web.demo import make
from serein_web.operations import export
from serein_web.people.models import Authenticator, Patient, Pin, RecoveryCode, User
from serein_web.record.models import Document, Score, Statement
from serein_web.sessionlog.models import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(transactional_db, tmp_path, knowledge):
    call_command("flush", verbosity=0, interactive=False)
    list(make.demo(step=lambda _: None))
    export.export(tmp_path / "out", knowledge, timezone.now())
    return tmp_path / "out"


def lines(file) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_everything_is_there_and_every_resource_is_of_its_kind(folder, knowledge):
    found = {f.stem: lines(f) for f in (folder / "fhir").glob("*.ndjson")}
    assert len(found["Patient"]) == Patient.objects.count()
    assert len(found["Encounter"]) == Session.objects.count()
    known = Statement.objects.filter(fact__in=list(knowledge.facts)).count()
    assert len(found["Observation"]) >= known + Score.objects.count()
    people = {p["id"] for p in found["Patient"]}
    for kind, rows in found.items():
        for row in rows[:40]:
            getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(row)
            whose = (row.get("subject") or row.get("patient") or {}).get("reference")
            assert whose is None or whose.removeprefix("Patient/") in people
    ids = [(k, r["id"]) for k, rows in found.items() for r in rows]
    assert len(set(ids)) == len(ids)


def test_every_row_of_every_table_is_there(folder):
    for model in export.tables():
        rows = lines(folder / "tables" / f"{model._meta.label_lower}.ndjson")
        assert len(rows) == model._default_manager.count(), model


def test_nothing_that_somebody_logs_in_with_leaves(transactional_db, tmp_path, knowledge):
    user = User.objects.create_user(username="invented", password="an invented long one")
    now = timezone.now()
    Pin.objects.create(user=user, hash="the-hash-of-a-pin", set_at=now)
    Authenticator.objects.create(user=user, sealed="a-sealed-secret", created_at=now)
    RecoveryCode.objects.create(user=user, digest="the-digest-of-a-code")
    secrets = ["the-hash-of-a-pin", "a-sealed-secret", "the-digest-of-a-code", user.password]
    export.export(tmp_path / "out", knowledge, now)
    written = "".join(file.read_text() for file in (tmp_path / "out" / "tables").iterdir())
    assert "invented" in written
    assert [secret for secret in secrets if secret in written] == []


def test_documents_are_as_they_came(folder):
    for row in Document.objects.all():
        assert (folder / "documents" / f"{row.id}.json").read_bytes() == bytes(row.content)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["counts"]["documents"] == len(list((folder / "documents").iterdir()))


def test_a_folder_that_holds_something_is_not_written_into(folder, knowledge):
    with pytest.raises(FileExistsError):
        export.export(folder, knowledge, timezone.now())
