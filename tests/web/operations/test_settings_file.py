"""The settings file: every value explained, and refused whole if one is wrong."""

from __future__ import annotations

import msgspec
import pytest

from serein_web.settings.file import NAME, BadSettings, SiteSettings, read, text


def test_the_file_that_is_written_is_the_file_that_is_read(tmp_path):
    given = SiteSettings(hosts=("clinic.local", "192.168.1.10"), port=443, backup_folder='/mnt/"odd" place')
    (tmp_path / NAME).write_text(text(given))
    assert read(tmp_path) == given


def test_every_value_is_explained_in_the_file():
    lines = text(SiteSettings()).splitlines()
    for field in msgspec.structs.fields(SiteSettings):
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{field.name} = "))
        assert lines[place - 1].startswith("# "), field.name


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("port = 70000", "port"),
        ('port = "eighty"', "port"),
        ("colour = 1", "colour"),
        ("hosts = [", "Invalid"),
        ('hosts = "one"', "hosts"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(tmp_path, written, named):
    (tmp_path / NAME).write_text(written)
    with pytest.raises(BadSettings, match=named):
        read(tmp_path)


def test_no_file_is_every_value_as_it_is_explained(tmp_path):
    assert read(tmp_path) == SiteSettings()
