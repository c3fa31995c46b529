"""Duty: who is there, whom a task goes to, and that it never goes to nobody for long."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from serein_web.audit.verify import faults
from serein_web.people import duty
from serein_web.people.access import SEREIN
from serein_web.people.actions import add_shift, set_roles, withdraw_shift
from serein_web.people.models import Shift
from serein_web.tasks.actions import escalate, raise_task
from serein_web.tasks.jobs import hand_on
from serein_web.tasks.models import Task
from serein_web.ticker import run
from serein_web.ticker.models import Lease
from serein_web.ticker.queries import silent_since

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def on(cast, who: str, kind: str = "duty", begins: int = -1, ends: int = 8) -> Shift:
    now = timezone.now()
    shift = add_shift(
        by=cast.actor("administrator"),
        site=cast.site,
        user=cast.users[who],
        kind=kind,
        starts_at=now + begins * HOUR,
        ends_at=now + ends * HOUR,
    )
    assert isinstance(shift, Shift), str(shift)
    return shift


def safety(cast, minutes: int = 30) -> Task:
    return raise_task(
        by=SEREIN,
        site=cast.site,
        kind="safety",
        title="Speak with the patient now",
        role="nurse",
        deadline=timezone.now() + dt.timedelta(minutes=minutes),
        key=f"test:{Task.objects.count()}",
        patient=cast.patient,
    )


def test_a_task_goes_to_whoever_is_on_duty_before_whoever_is_on_call(cast):
    on(cast, "prescriber", "call")
    on(cast, "nurse")
    assert safety(cast).owner == cast.users["nurse"]


def test_without_anybody_there_it_goes_to_the_medical_director_and_the_site_is_unattended(cast):
    on(cast, "front_desk")
    assert safety(cast).owner == cast.users["medical_director"]
    assert not duty.attended(cast.site, "nurse", timezone.now())
    on(cast, "second_nurse", "call")
    assert duty.attended(cast.site, "nurse", timezone.now())


def test_a_shift_that_was_withdrawn_is_over_or_not_begun_counts_for_nothing(cast):
    withdraw_shift(by=cast.actor("administrator"), shift=on(cast, "nurse"))
    on(cast, "second_nurse", begins=-9, ends=-1)
    on(cast, "prescriber", begins=1)
    assert safety(cast).owner == cast.users["medical_director"]


def test_an_overdue_task_goes_on_to_the_next_and_then_to_the_director(cast):
    on(cast, "nurse")
    on(cast, "prescriber", "call")
    task, now = safety(cast), timezone.now()
    owners = []
    for _ in range(4):
        now += HOUR
        assert hand_on(now) == 1
        task.refresh_from_db()
        owners.append(task.owner)
    assert owners == [
        cast.users["prescriber"],
        cast.users["medical_director"],
        cast.users["medical_director"],
        cast.users["medical_director"],
    ]
    assert task.level == 4
    assert faults() == []


def test_a_task_that_is_not_overdue_or_done_or_office_work_stays_where_it_is(cast):
    task = safety(cast)
    assert hand_on(timezone.now()) == 0
    assert hasattr(escalate(by=SEREIN, task=task, at=timezone.now()), "reason")
    Task.objects.filter(id=task.id).update(done_at=timezone.now())
    Task.objects.create(
        site=cast.site, kind="office", title="Order paper", role="front_desk", key="paper",
        raised_at=timezone.now(), deadline=timezone.now(),
    )  # fmt: skip
    assert hand_on(timezone.now() + HOUR) == 0


def test_whoever_takes_a_task_has_it(cast):
    task = safety(cast)
    url = f"/clinic/worklist/{task.id}/take/"
    assert cast.client("front_desk").post(url).status_code == 404
    assert cast.client("nurse").post(url).status_code == 302
    task.refresh_from_db()
    assert task.owner == cast.users["nurse"]


def test_whoever_left_is_on_no_ladder(cast):
    on(cast, "nurse")
    set_roles(by=cast.actor("administrator"), user=cast.users["nurse"], site=cast.site, roles=[])
    assert cast.users["nurse"] not in duty.ladder(cast.site, "nurse", timezone.now())


def wall(cast, hours: int) -> str:
    return (
        f"{timezone.localtime(timezone.now() + hours * HOUR, ZoneInfo(cast.site.time_zone)):%Y-%m-%dT%H:%M}"
    )


def test_a_stand_in_takes_a_shift_over_on_the_page(cast):
    shift = on(cast, "nurse")
    url = f"/clinic/sites/{cast.site.id}/duty/"
    given = {
        "user": cast.users["second_nurse"].id,
        "kind": "duty",
        "starts_at": wall(cast, -1),
        "ends_at": wall(cast, 8),
    }
    assert cast.client("nurse").post(f"{url}?instead={shift.id}", given).status_code == 302
    assert [s.user for s in duty.shifts_at(cast.site, timezone.now())] == [cast.users["second_nurse"]]
    assert cast.client("front_desk").get(url).status_code == 200
    assert cast.client("front_desk").post(url, given).status_code == 403


@pytest.mark.parametrize(("begins", "ends"), [(2, 1), (0, 0), (0, 24 * 9)])
def test_a_shift_that_cannot_be_is_refused(cast, begins, ends):
    given = {
        "user": cast.users["nurse"].id,
        "kind": "duty",
        "starts_at": wall(cast, begins),
        "ends_at": wall(cast, ends),
    }
    assert cast.client("administrator").post(f"/clinic/sites/{cast.site.id}/duty/", given).status_code == 400
    assert not Shift.objects.exists()


def test_one_process_ticks_and_another_takes_over_when_it_is_gone():
    now, ran = timezone.now(), []
    assert run.tick(now, "first", (ran.append,))
    assert not run.tick(now, "second", (ran.append,))
    assert run.tick(now + dt.timedelta(minutes=2), "second", (ran.append,))
    assert len(ran) == 2
    assert Lease.objects.get().holder == "second"


def test_a_job_that_breaks_keeps_no_other_from_running_and_its_silence_is_seen():
    def broken(now):
        raise ValueError("a name that must not be in the log")

    now, ran = timezone.now(), []
    run.tick(now, "me", (ran.append,))
    assert silent_since(now) is None
    later = now + dt.timedelta(minutes=5)
    run.tick(later, "me", (broken, ran.append))
    assert len(ran) == 2
    assert silent_since(later) == now
