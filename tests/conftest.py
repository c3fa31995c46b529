"""Fixtures for every test."""

from __future__ import annotations

import copy

import django.test.client
import pytest
from django.test.utils import ContextList
from hypothesis import HealthCheck, settings

from serein_web import knowledge as site_knowledge
from serein_web.people.models import Site
from tests.cast import Cast, assemble

# A slow machine is no failure: properties are judged by what they find, never by how long they take.
settings.register_profile("serein", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("serein")


@pytest.fixture(autouse=True, scope="session")
def _one_context_a_page():
    """Keep the page's own context only. Django keeps a copy for every input drawn, seconds for a long form."""

    def keep(store, signal, sender, template, context, **kwargs):
        if "context" not in store:
            store["templates"], store["context"] = [template], ContextList([copy.copy(context)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django.test.client, "store_rendered_templates", keep)
        yield


@pytest.fixture(scope="session")
def assembled(django_db_setup, django_db_blocker) -> Cast:
    """The cast, made once and committed; every test sees it inside its own transaction."""
    with django_db_blocker.unblock():
        return assemble()


@pytest.fixture
def cast(assembled, db) -> Cast:
    """Everybody, fresh. A test with a live server empties the database behind it; then they are made again."""
    if not Site.objects.filter(id=assembled.site.id).exists():
        return assemble()
    return copy.deepcopy(assembled)


@pytest.fixture(scope="session")
def knowledge():
    """The real pack, checked."""
    return site_knowledge.current()
