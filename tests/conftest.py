"""Fixtures for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from serein_web import knowledge as site_knowledge
from tests.cast import Cast, assemble

# A slow machine is no failure: properties are judged by what they find, never by how long they take.
settings.register_profile("serein", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("serein")


@pytest.fixture
def cast(db) -> Cast:
    return assemble()


@pytest.fixture(scope="session")
def knowledge():
    """The real pack, checked."""
    return site_knowledge.current()
