"""Fixtures for every test."""

from __future__ import annotations

import pytest

from serein_web import knowledge as site_knowledge
from tests.cast import Cast, assemble


@pytest.fixture
def cast(db) -> Cast:
    return assemble()


@pytest.fixture(scope="session")
def knowledge():
    """The real pack, checked."""
    return site_knowledge.current()
