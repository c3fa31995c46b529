"""Staff come by invitation, have roles a site, and lose their access at once; their names stay."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from serein_web.audit.verify import faults
from serein_web.people.actions import invite_staff
from serein_web.people.models import Invitation, StaffRole, User
from serein_web.record.models import Statement
from tests.web.session_steps import opened

pytestmark = pytest.mark.django_db
NEW = {"full_name": "Nia New", "email": "Nia@Example.org", "roles": ["nurse"]}
PASSWORD = {"new_password1": "a long invented one", "new_password2": "a long invented one"}


def staff_url(cast, user=None) -> str:
    return f"/clinic/sites/{cast.site.id}/staff/" + (f"{user.id}/" if user else "")


def invited(cast) -> str:
    page = cast.client("administrator").post(staff_url(cast), NEW)
    assert page.status_code == 200
    return page.context["made"].path


def test_an_invitation_opens_a_log_in_once(cast):
    path = invited(cast)
    assert cast.client().post(path, PASSWORD).status_code == 302
    nia = User.objects.get(username="nia@example.org")
    assert nia.check_password("a long invented one")
    assert cast.client().get(path).status_code == 410
    assert cast.client().post(path, PASSWORD).status_code == 410
    assert faults(f"site:{cast.site.id}") == []


def test_whoever_opened_it_is_logged_in_with_their_roles(cast):
    client = cast.client()
    client.post(invited(cast), PASSWORD)
    assert client.get("/clinic/patients/").status_code == 200
    assert client.get(staff_url(cast)).status_code == 403


@pytest.mark.parametrize("words", ["short", "password1234", "nia@example.org"])
def test_a_weak_password_is_refused_and_the_link_still_opens(cast, words):
    path = invited(cast)
    assert cast.client().post(path, {"new_password1": words, "new_password2": words}).status_code == 400
    assert cast.client().get(path).status_code == 200


def test_an_old_invitation_and_one_that_was_followed_by_another_open_nothing(cast):
    first = invited(cast)
    nia = User.objects.get(username="nia@example.org")
    again = cast.client("administrator").post(staff_url(cast, nia), {"do": "invite"})
    second = again.context["made"].path
    assert cast.client().get(first).status_code == 410
    assert cast.client().get(second).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert cast.client().get(second).status_code == 410


def test_the_same_address_is_not_invited_twice_and_a_role_is_needed(cast):
    invited(cast)
    assert cast.client("administrator").post(staff_url(cast), NEW).status_code == 400
    assert (
        cast.client("administrator")
        .post(staff_url(cast), NEW | {"email": "b@x.org", "roles": []})
        .status_code
        == 400
    )


def test_whoever_leaves_is_out_at_once_and_their_name_stays(cast, knowledge):
    session = opened(cast)
    nurse = cast.client("nurse")
    assert nurse.get("/clinic/patients/").status_code == 200
    url = staff_url(cast, cast.users["nurse"])
    assert cast.client("administrator").post(url, {"do": "end"}).status_code == 302
    assert nurse.get("/clinic/patients/").status_code == 302
    assert (
        nurse.post(f"/clinic/courses/{session.course_id}/session/{session.id}/chart/note/").status_code == 302
    )
    user = User.objects.get(id=cast.users["nurse"].id)
    assert (user.is_active, user.name) == (False, "Nurse Invented")
    assert not StaffRole.objects.filter(user=user).exists()


def test_the_last_administrator_cannot_end_their_own_access(cast):
    url = staff_url(cast, cast.users["administrator"])
    assert cast.client("administrator").post(url, {"do": "end"}).status_code == 400
    assert cast.client("administrator").get(staff_url(cast)).status_code == 200


def test_an_administrator_reaches_the_staff_of_their_own_site_only(cast):
    made = invite_staff(
        by=cast.actor("other_prescriber"),
        site=cast.elsewhere,
        full_name="Else Where",
        email="e@x.org",
        roles=["nurse"],
    )
    other = f"/clinic/sites/{cast.elsewhere.id}/staff/"
    client = cast.client("administrator")
    assert client.get(other).status_code == 404
    assert client.get(staff_url(cast, made.invitation.user)).status_code == 404
    assert client.post(other, NEW).status_code == 404
    assert not Statement.objects.filter(by_name="Nia New").exists()
