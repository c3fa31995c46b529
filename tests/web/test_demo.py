"""The demo: everybody at their stage, made once, all of it or nothing."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from serein_web.audit.models import Event
from serein_web.audit.verify import faults
from serein_web.chart.trail import did
from serein_web.courses.models import Course
from serein_web.demo import clock, make
from serein_web.people.models import Patient, Site, User
from serein_web.sessionlog.models import Session
from serein_web.tasks.models import Task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_yet(transactional_db):
    """A demo is made in an empty database; the tests' own cast would be in the way."""
    call_command("flush", verbosity=0, interactive=False)


def quietly(text: str) -> None:
    """Nobody watches."""


def test_the_demo_has_somebody_at_every_stage_and_is_made_once():
    lines = list(make.demo(step=quietly))
    states = set(Course.objects.values_list("state", flat=True))
    assert states == {
        "screening", "consent", "plan", "session", "recovery", "followup", "outcomes", "ended",
    }  # fmt: skip
    assert all("Demo-" in name for name in Patient.objects.values_list("family_name", flat=True))
    assert all("Demo-" in name for name in User.objects.values_list("last_name", flat=True))
    assert Session.objects.filter(status="running").count() == 2
    assert Task.objects.filter(kind="safety", done_at=None, blocks_next_dose=True).count() == 1
    assert faults() == []
    said = {name: did(name) for name in Event.objects.values_list("action", flat=True)}
    about_the_site = ("site.", "staff.", "duty.", "chair.", "consent.publish", "enquiry.")
    assert [n for n, words in said.items() if words == n and not n.startswith(about_the_site)] == []
    before = (Site.objects.count(), User.objects.count(), Course.objects.count())
    assert list(make.demo(step=quietly)) == lines
    assert (Site.objects.count(), User.objects.count(), Course.objects.count()) == before
    for username in User.objects.values_list("username", flat=True):
        assert any(username in line for line in lines), username


def test_a_demo_that_was_broken_off_leaves_nothing(monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "_today", killed)
    monkeypatch.setattr(make, "_after_treatment", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        list(make.demo(step=quietly))
    assert not Site.objects.exists()
    assert not User.objects.exists()


def test_the_story_has_its_own_time_only_in_a_demo(settings):
    before = timezone.now()
    long_ago = before.replace(year=2001)
    with clock.at(long_ago):
        assert timezone.now() == long_ago
    assert timezone.now() >= before
    settings.SEREIN_DEMO = False
    with pytest.raises(RuntimeError), clock.at(long_ago):
        pass
