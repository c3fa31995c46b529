"""The care team: nothing is shared without the patient's agreement, and every letter is kept as it went out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from serein_web.audit.verify import faults
from serein_web.careteam.models import Letter, LetterLink, Relation
from serein_web.courses.models import Course

pytestmark = pytest.mark.django_db


def day(offset: int = 0) -> str:
    return (timezone.localdate() + dt.timedelta(days=offset)).isoformat()


@pytest.fixture
def course(cast) -> Course:
    return cast.course(state="session")


def team(cast, **changes) -> Relation:
    given = {
        "kind": "referrer",
        "name": "Dr Rae Invented",
        "share_from": day(-1),
        "agreed_how": "said so on paper",
    }
    url = f"/clinic/patients/{cast.patient.id}/care-team/add/"
    assert cast.client("nurse").post(url, given | changes).status_code == 302
    return Relation.objects.latest("recorded_at")


def write(cast, course, relation, who="prescriber", **changes):
    given = {
        "relation": relation.id,
        "kind": "start",
        "words": "Dear colleague,\nwe begin.",
        "parts": ["treatment"],
    }
    return cast.client(who).post(f"/clinic/courses/{course.id}/letters/", given | changes)


def link(cast, letter) -> str:
    page = cast.client("nurse").post(f"/clinic/courses/{letter.course_id}/letters/{letter.id}/")
    return page.context["made"].path


def test_a_letter_is_a_pdf_that_was_signed_and_tells_what_was_ticked(cast, course):
    assert write(cast, course, team(cast)).status_code == 302
    letter = Letter.objects.get()
    assert bytes(letter.pdf).startswith(b"%PDF-")
    assert [section["title"] for section in letter.body] == ["", "Treatment"]
    answer = cast.client("nurse").get(f"/clinic/courses/{course.id}/letters/{letter.id}/pdf/")
    assert answer.content == bytes(letter.pdf)
    assert cast.patient.family_name not in answer["Content-Disposition"]
    assert faults() == []


def test_whoever_the_patient_did_not_agree_to_tell_cannot_be_chosen(cast, course):
    closed = [
        team(cast, share_from="", agreed_how="", name="Nobody Agreed"),
        team(cast, share_from=day(-9), share_until=day(-1), name="Over Now"),
        team(cast, share_from=day(1), name="Not Yet"),
    ]
    for relation in closed:
        assert write(cast, course, relation).status_code == 400
    assert not Letter.objects.exists()


def test_sharing_says_how_the_patient_agreed_and_ends_after_it_begins(cast):
    url = f"/clinic/patients/{cast.patient.id}/care-team/add/"
    for wrong in ({"agreed_how": ""}, {"share_until": day(-5)}, {"name": " "}):
        given = {"kind": "therapist", "name": "T", "share_from": day(), "agreed_how": "said so"} | wrong
        assert cast.client("nurse").post(url, given).status_code == 400
    assert not Relation.objects.exists()


def test_only_a_prescriber_signs(cast, course):
    assert write(cast, course, team(cast), who="nurse").status_code == 400
    assert not Letter.objects.exists()


def test_a_letter_says_nothing_as_markup(cast, course):
    words = '#read("/etc/passwd") *bold* $x$ #set page() [x] \\ "quoted"'
    assert write(cast, course, team(cast), words=words).status_code == 302
    assert Letter.objects.get().body[0]["lines"] == [words]


def test_the_addressee_opens_it_by_pressing_a_button_and_every_opening_is_kept(cast, course):
    write(cast, course, team(cast))
    path = link(cast, Letter.objects.get())
    outside = cast.client()
    page = outside.get(path)
    assert page.status_code == 200
    assert cast.patient.family_name not in page.content.decode()
    assert LetterLink.objects.get().opened == []
    assert outside.post(path).content.startswith(b"%PDF-")
    outside.post(path)
    assert len(LetterLink.objects.get().opened) == 2


def test_a_link_ends_with_its_time_with_the_agreement_and_with_the_relation(cast, course):
    relation = team(cast)
    write(cast, course, relation)
    path = link(cast, Letter.objects.get())
    LetterLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert cast.client().post(path).status_code == 410
    path = link(cast, Letter.objects.get())
    assert cast.client().get(path).status_code == 200
    url = f"/clinic/patients/{cast.patient.id}/care-team/{relation.id}/end/"
    assert cast.client("nurse").post(url).status_code == 302
    assert (cast.client().get(path).status_code, cast.client().post(path).status_code) == (410, 410)


def test_a_changed_entry_stands_in_place_of_the_old_one_and_two_browsers_change_it_once(cast):
    relation = team(cast)
    url = f"/clinic/patients/{cast.patient.id}/care-team/{relation.id}/"
    given = {"kind": "referrer", "name": "Dr Rae Invented", "telephone": "555 0111"}
    assert cast.client("nurse").post(url, given).status_code == 302
    assert cast.client("prescriber").post(url, given).status_code == 404
    [row] = Relation.objects.filter(patient=cast.patient, ended_at=None)
    assert (row.telephone, row.may_share(timezone.localdate())) == ("555 0111", False)


def test_a_patient_sees_who_is_told_and_what_went_out_and_a_stranger_does_not(cast, course):
    write(cast, course, team(cast))
    mine = cast.client("patient").get("/portal/care-team/").content.decode()
    assert mine.count("Dr Rae Invented") == 2
    assert "Dr Rae Invented" not in cast.client("stranger").get("/portal/care-team/").content.decode()
