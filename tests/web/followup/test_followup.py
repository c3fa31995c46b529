"""Questionnaires by a link and in the portal, and what an answer sets off."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from serein_web.audit.models import Event, Payload
from serein_web.audit.verify import faults
from serein_web.courses.models import Course
from serein_web.followup.actions import request_questionnaires
from serein_web.followup.models import QuestionnaireRequest
from serein_web.people.actions import add_shift
from serein_web.record.models import AdverseEvent, Score, Statement
from serein_web.sessionlog.models import Session
from serein_web.tasks.actions import finish_task
from serein_web.tasks.models import Task
from serein_web.tasks.queries import blocking

pytestmark = pytest.mark.django_db

CALM = ["1"] * 7 + ["1"] * 8 + ["0"]


@pytest.fixture
def course(cast):
    return cast.course(state="followup")


@pytest.fixture
def sent(cast, course, knowledge):
    return request_questionnaires(
        by=cast.actor("nurse"),
        course=course,
        id=uuid.uuid4(),
        instruments=["gad-7", "phq-9"],
        knowledge=knowledge,
    )


def page(answers, step=16, go="on"):
    names = [f"gad-7.{n}" for n in range(1, 8)] + [f"phq-9.{n}" for n in range(1, 10)]
    return dict(zip(names, answers, strict=False)) | {"step": str(step), "go": go}


def link(sent):
    return f"/q/{sent.token}/"


def test_the_link_asks_one_question_at_a_time_and_shows_how_far_it_is(cast, sent):
    shown = cast.client().get(link(sent)).content.decode()
    assert "Question 1 of 16" in shown
    assert shown.count('type="radio"') == 5
    assert "prefer not to answer" in shown


def test_going_on_and_back_loses_no_answer(cast, sent):
    browser = cast.client()
    second = browser.post(link(sent), {"gad-7.1": "3", "step": "1", "go": "on"}).content.decode()
    assert "Question 2 of 16" in second
    assert '<input type="hidden" name="gad-7.1" value="3">' in second
    first = browser.post(link(sent), {"gad-7.1": "3", "gad-7.2": "2", "step": "2", "go": "back"}).content
    assert b"Question 1 of 16" in first
    assert b'name="gad-7.1" value="3" checked' in first
    assert b'<input type="hidden" name="gad-7.2" value="2">' in first


def test_a_question_without_a_choice_is_asked_again(cast, sent):
    response = cast.client().post(link(sent), {"step": "1", "go": "on"})
    assert response.status_code == 400
    assert b"Question 1 of 16" in response.content


def test_the_last_page_sent_by_hand_with_gaps_keeps_nothing_and_shows_the_first_gap(cast, sent):
    response = cast.client().post(link(sent), {"phq-9.9": "0", "step": "16", "go": "on"})
    assert response.status_code == 400
    assert b"Question 1 of 16" in response.content
    assert not Score.objects.exists()


@pytest.mark.parametrize("answer", ["4", "-1", "1,5", "", "x"])
def test_an_answer_that_is_none_of_the_choices_is_no_answer(cast, sent, answer):
    response = cast.client().post(link(sent), page([answer, *CALM[1:]]))
    assert response.status_code == 400
    assert not Score.objects.exists()


def test_the_answers_become_scores_and_statements_of_the_patient(cast, sent, course):
    response = cast.client().post(link(sent), page(CALM))
    assert response.status_code == 200
    assert b"Your answers have arrived" in response.content
    assert {s.instrument: s.total for s in Score.objects.all()} == {"gad-7": 7, "phq-9": 8}
    stated = {s.fact: (s.value, s.source) for s in Statement.objects.all()}
    assert stated == {
        "gad7_total": (7, "patient"),
        "phq9_total": (8, "patient"),
        "phq9_self_harm": (False, "patient"),
    }
    assert not Task.objects.exists()
    assert faults(f"course:{course.id}") == faults(f"patient:{cast.patient.id}") == []


def test_a_positive_safety_item_gives_the_crisis_line_at_once_and_a_task_that_blocks_the_next_dose(
    cast, sent, course
):
    response = cast.client().post(link(sent), page([*CALM[:-1], "1"]))
    assert b'href="tel:988"' in response.content
    assert b"What happens next" in response.content
    task = blocking(course.id)[0]
    assert (task.kind, task.patient, task.done_at) == ("safety", cast.patient, None)
    assert task.deadline > task.raised_at
    assert Statement.objects.get(fact="phq9_self_harm").value is True


def test_whoever_answers_at_an_hour_when_nobody_is_on_duty_is_told_so(cast, sent, course):
    alone = cast.client().post(link(sent), page([*CALM[:-1], "1"]))
    assert b"is on duty at this hour" in alone.content
    assert b'href="tel:988"' in alone.content
    now = timezone.now()
    add_shift(
        by=cast.actor("administrator"),
        site=cast.site,
        user=cast.users["prescriber"],
        kind="call",
        starts_at=now - dt.timedelta(hours=1),
        ends_at=now + dt.timedelta(hours=1),
    )
    assert b"will call you" in cast.client().post(link(sent), page([*CALM[:-1], "1"])).content


def test_item_nine_left_out_is_unknown_and_a_clinician_has_to_ask(cast, sent, course):
    response = cast.client().post(link(sent), page([*CALM[:-1], "-"]))
    assert b"will ask you about it" in response.content
    assert Score.objects.get(instrument="phq-9").safety == "unknown"
    assert Statement.objects.get(fact="phq9_self_harm").value is None
    assert len(blocking(course.id)) == 1


def test_the_last_page_sent_twice_is_one_answer_and_the_same_reply(cast, sent):
    given = page([*CALM[:-1], "2"])
    first, second = (cast.client().post(link(sent), given) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert b"What happens next" in second.content
    assert (Score.objects.count(), Statement.objects.count(), Task.objects.count()) == (2, 3, 1)


def test_a_second_person_with_the_link_can_neither_read_nor_change_what_was_answered(cast, sent):
    cast.client().post(link(sent), page([*CALM[:-1], "2"]))
    for response in (cast.client().get(link(sent)), cast.client().post(link(sent), page(CALM))):
        assert response.status_code == 410
        assert b"no longer valid" in response.content
        assert b"What happens next" not in response.content
    assert Score.objects.get(instrument="phq-9").answers[-1] == 2


def test_used_lapsed_withdrawn_and_unknown_links_show_the_same_page_with_the_crisis_line(cast, sent):
    browser = cast.client()
    unknown = browser.get("/q/nobody-was-given-this/")
    assert unknown.status_code == 410
    assert b"988" in unknown.content
    row = QuestionnaireRequest.objects.filter(id=sent.request.id)
    now = timezone.now()
    never = {"answered_at": None, "cancelled_at": None, "expires_at": now + dt.timedelta(days=1)}
    for state in ({"answered_at": now}, {"cancelled_at": now}, {"expires_at": now}):
        row.update(**(never | state))
        response = browser.get(link(sent))
        assert (response.status_code, b"no longer valid" in response.content) == (410, True)
        assert cast.patient.given_name.encode() not in response.content
        assert browser.post(link(sent), page(CALM)).status_code == 410
    assert not Score.objects.exists()


CLOSED = {
    "lapsed": lambda now: {"expires_at": now},
    "withdrawn": lambda now: {"cancelled_at": now},
    "answered": lambda now: {"answered_at": now},
}


@pytest.mark.parametrize("how", CLOSED)
def test_a_positive_safety_item_sent_to_a_closed_link_is_heard_all_the_same(cast, sent, course, how):
    QuestionnaireRequest.objects.filter(id=sent.request.id).update(**CLOSED[how](timezone.now()))
    response = cast.client().post(link(sent), page([*CALM[:-1], "1"]))
    assert response.status_code == 200
    assert b'href="tel:988"' in response.content
    assert b"your other answers were not kept" in response.content
    task = blocking(course.id)[0]
    assert (task.kind, task.title) == ("safety", "Safety answer: speak with the patient now")
    assert "no score is kept" in task.body
    assert not Score.objects.exists()
    assert faults(f"course:{course.id}") == []


def test_a_closed_link_sent_twice_with_a_positive_safety_item_is_one_task(cast, sent, course):
    QuestionnaireRequest.objects.filter(id=sent.request.id).update(expires_at=timezone.now())
    for _ in range(2):
        assert cast.client().post(link(sent), page([*CALM[:-1], "3"])).status_code == 200
    assert len(blocking(course.id)) == 1


def test_a_task_that_is_done_does_not_stand_for_what_is_said_later(cast, sent, course):
    cast.client().post(link(sent), page([*CALM[:-1], "1"]))
    finish_task(by=cast.actor("nurse"), task=blocking(course.id)[0], outcome="Called, safe for now.")
    assert not blocking(course.id)
    cast.client().post(link(sent), page([*CALM[:-1], "3"]))
    assert len(blocking(course.id)) == 1


def test_a_left_out_item_and_a_positive_one_after_it_are_two_tasks(cast, sent, course):
    cast.client().post(link(sent), page([*CALM[:-1], "-"]))
    cast.client().post(link(sent), page([*CALM[:-1], "2"]))
    assert {t.title for t in blocking(course.id)} == {
        "Safety question left out: ask the patient",
        "Safety answer: speak with the patient now",
    }


def test_a_positive_safety_item_is_heard_before_the_answers_are_sent(cast, sent, course):
    """Somebody says so on the last page, goes back, and never comes again."""
    browser = cast.client()
    browser.get(link(sent))
    shown = browser.post(link(sent), page([*CALM[:-1], "1"], go="back"), follow=True)
    assert b"Question 15 of 16" in shown.content
    assert b"You do not have to carry that alone" in shown.content
    assert len(blocking(course.id)) == 1
    assert not Score.objects.exists()
    sent_now = browser.post(link(sent), page([*CALM[:-1], "1"]))
    assert b"What happens next" in sent_now.content
    assert len(blocking(course.id)) == 1


def test_each_question_has_its_own_address_so_that_the_browsers_back_works(cast, sent):
    browser = cast.client()
    browser.get(link(sent))
    answered = browser.post(link(sent), {"gad-7.1": "3", "step": "1", "go": "on"})
    assert (answered.status_code, answered["Location"]) == (302, f"{link(sent)}?question=2")
    first = browser.get(f"{link(sent)}?question=1").content
    assert b'name="gad-7.1" value="3" checked' in first


def test_a_link_opened_again_on_the_same_device_goes_on_where_it_was_left(cast, sent):
    browser = cast.client()
    browser.get(link(sent))
    browser.post(link(sent), {"gad-7.1": "3", "gad-7.2": "1", "step": "2", "go": "on"})
    assert b"Question 3 of 16" in browser.get(link(sent)).content
    assert b"Question 3 of 16" in browser.get(f"{link(sent)}?question=12").content
    assert b"Question 1 of 16" in cast.client().get(link(sent)).content


def test_answers_that_were_sent_are_no_longer_in_the_session(cast, sent):
    browser = cast.client()
    browser.get(link(sent))
    browser.post(link(sent), {"gad-7.1": "3", "step": "1", "go": "on"})
    browser.post(link(sent), page(CALM))
    assert not [key for key in browser.session.keys() if key.startswith("answers:")]  # noqa: SIM118


def test_neither_the_token_nor_an_answer_is_kept_in_the_clear_or_logged(cast, sent, caplog):
    browser = cast.client()
    browser.post(link(sent), {"step": "1", "go": "on"})
    browser.post(link(sent), page(CALM))
    browser.get(link(sent))
    kept = [str(e.__dict__) for e in Event.objects.all()] + [str(p.content) for p in Payload.objects.all()]
    kept += [str(r.__dict__) for r in QuestionnaireRequest.objects.all()] + [caplog.text]
    assert not any(sent.token in text for text in kept)


def test_the_answers_travel_in_the_body_and_never_in_the_address(cast, sent):
    response = cast.client().get(link(sent) + "?gad-7.1=3&step=1&go=on")
    assert b"Question 1 of 16" in response.content
    assert b"checked" not in response.content


def test_a_patient_answers_their_own_questionnaires_in_the_portal_and_nobody_elses(cast, sent):
    own = cast.client("patient")
    assert f"/portal/followup/{sent.request.id}/" in own.get("/portal/followup/").content.decode()
    assert own.post(f"/portal/followup/{sent.request.id}/", page(CALM)).status_code == 200
    assert str(sent.request.id) not in own.get("/portal/followup/").content.decode()
    stranger = cast.client("stranger")
    assert str(sent.request.id) not in stranger.get("/portal/followup/").content.decode()
    assert stranger.get(f"/portal/followup/{sent.request.id}/").status_code == 404
    assert cast.client("nurse").get("/portal/followup/").status_code == 403
    assert cast.client().get("/portal/followup/").status_code == 302


def send(cast, course, who="nurse", **changes):
    given = {"id": str(uuid.uuid4()), "instruments": ["gad-7", "phq-9"]} | changes
    return cast.client(who).post(f"/clinic/courses/{course.id}/followup/send/", given)


def test_staff_see_the_link_once_and_it_opens(cast, course):
    shown = send(cast, course).content.decode()
    token = shown.split("/q/")[1].split("/")[0]
    assert cast.client().get(f"/q/{token}/").status_code == 200
    assert token not in cast.client("nurse").get(f"/clinic/courses/{course.id}/followup/").content.decode()


def test_sending_the_same_page_twice_leaves_one_request_and_one_link_that_opens(cast, course):
    id_ = str(uuid.uuid4())
    tokens = [send(cast, course, id=id_).content.decode().split("/q/")[1].split("/")[0] for _ in range(2)]
    assert QuestionnaireRequest.objects.count() == 1
    assert [cast.client().get(f"/q/{t}/").status_code for t in tokens] == [410, 200]


def test_what_cannot_be_sent_is_refused(cast, course):
    assert send(cast, course, instruments=["gad-8"]).status_code == 400
    assert send(cast, course, instruments=[]).status_code == 400
    Course.objects.filter(id=course.id).update(state="ended")
    assert send(cast, course).status_code == 400
    assert not QuestionnaireRequest.objects.exists()


def test_a_withdrawn_link_opens_nothing(cast, course, sent):
    url = f"/clinic/courses/{course.id}/followup/requests/{sent.request.id}/cancel/"
    assert cast.client("nurse").post(url).status_code == 302
    assert cast.client().get(link(sent)).status_code == 410


def test_only_clinicians_of_the_site_reach_follow_up(cast, course, sent):
    url = f"/clinic/courses/{course.id}/followup/"
    assert cast.client("nurse").get(url).status_code == 200
    assert cast.client("other_prescriber").get(url).status_code == 404
    assert send(cast, course, who="other_prescriber").status_code == 404
    assert cast.client("other_prescriber").post(f"{url}requests/{sent.request.id}/cancel/").status_code == 404
    for who in ("front_desk", "patient", "researcher", "administrator"):
        assert cast.client(who).get(url).status_code == 403
    assert cast.client().get(url).status_code == 302


def test_a_review_begins_from_follow_up_once_and_a_session_needs_what_it_needs(cast, course):
    nurse, url = cast.client("nurse"), f"/clinic/courses/{course.id}/followup/go-on/"
    nurse.post(url, {"name": "next-session"})
    course.refresh_from_db()
    assert course.state == "followup"
    nurse.post(url, {"name": "review"})
    nurse.post(url, {"name": "review"})
    nurse.post(url, {"name": "end"})
    course.refresh_from_db()
    assert course.state == "outcomes"


def test_an_unwanted_effect_between_sessions_is_kept_once(cast, course):
    url = f"/clinic/courses/{course.id}/followup/adverse-event/"
    given = {"term": "headache", "grade": "2", "at": "2026-01-02T09:00Z", "ended_at": "", "action_taken": ""}
    assert cast.client("nurse").post(url, given).status_code == 302
    assert cast.client("nurse").post(url, given).status_code == 400
    assert cast.client("nurse").post(url, given | {"grade": "6"}).status_code == 400
    assert cast.client("nurse").post(url, given | {"at": "2126-01-02T09:00Z"}).status_code == 400
    event = AdverseEvent.objects.get()
    assert (event.course_id, event.grade) == (course.id, 2)


def entering(cast, course, instrument="ham-a", who="nurse", **changes):
    given = {
        "id": str(uuid.uuid4()),
        "total": "23",
        "at": "2026-01-02T09:00Z",
        "taken_by": "Dr Ada Okafor",
    } | changes
    return cast.client(who).post(f"/clinic/courses/{course.id}/followup/scores/{instrument}/", given)


def test_a_total_taken_elsewhere_is_kept_with_when_and_by_whom_and_audited(cast, course):
    assert entering(cast, course).status_code == 302
    row = Score.objects.get()
    assert (row.instrument, row.total, row.band, row.taken_by) == ("ham-a", 23, "moderate", "Dr Ada Okafor")
    assert (row.at.isoformat(), row.by_name) == ("2026-01-02T09:00:00+00:00", cast.actor("nurse").name)
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/followup/").content.decode()
    assert "taken by Dr Ada Okafor" in shown
    assert "Moderate anxiety" in shown
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"record.score", "followup.enter-score"} <= actions
    assert faults(f"course:{course.id}") == faults(f"patient:{cast.patient.id}") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "57"},
        {"total": "-1"},
        {"total": "1,5"},
        {"total": ""},
        {"total": "twelve"},
        {"at": "2126-01-02T09:00Z"},
        {"at": ""},
        {"taken_by": " "},
        {"id": "x"},
    ],
    ids=str,
)
def test_a_total_that_cannot_be_is_refused_and_nothing_is_kept(cast, course, wrong):
    response = entering(cast, course, **wrong)
    assert response.status_code == 400
    assert not Score.objects.exists()
    assert not Statement.objects.exists()


def test_sub_scores_are_kept_with_the_total_and_have_to_add_up(cast, course):
    kept = {"total": "70", "part_fear": "40", "part_avoidance": "30"}
    assert entering(cast, course, "lsas-ca", **kept | {"part_avoidance": "31"}).status_code == 400
    assert entering(cast, course, "lsas-ca", **kept | {"part_fear": "73"}).status_code == 400
    assert entering(cast, course, "lsas-ca", **kept).status_code == 302
    assert Score.objects.get().parts == {"fear": 40, "avoidance": 30}


def test_the_same_page_sent_twice_and_the_same_moment_entered_twice_are_one_score(cast, course):
    id_ = str(uuid.uuid4())
    assert [entering(cast, course, id=id_).status_code for _ in range(2)] == [302, 302]
    assert entering(cast, course).status_code == 400
    assert Score.objects.count() == 1


def test_a_level_of_suicide_risk_is_stated_as_a_fact_and_raises_a_task_that_blocks_the_next_dose(
    cast, course
):
    now = timezone.now().isoformat()
    assert entering(cast, course, "c-ssrs", total="4", at=now).status_code == 302
    stated = Statement.objects.get()
    assert (stated.fact, stated.value, stated.source) == ("suicide_severity_level", 4, "staff")
    task = blocking(course.id)[0]
    assert (task.kind, task.title) == ("safety", "C-SSRS level 4: speak with the patient now")


def test_no_risk_and_a_level_that_a_later_one_has_followed_raise_no_task(cast, course):
    assert entering(cast, course, "c-ssrs", total="0", at="2026-01-03T09:00Z").status_code == 302
    assert entering(cast, course, "c-ssrs", total="5", at="2026-01-02T09:00Z").status_code == 302
    assert not Task.objects.exists()
    assert Score.objects.count() == 2


def test_only_clinicians_of_the_site_enter_scores_and_only_of_what_has_no_questions_here(cast, course):
    assert entering(cast, course, "gad-7").status_code == 404
    assert entering(cast, course, "no-such").status_code == 404
    assert entering(cast, course, who="other_prescriber").status_code == 404
    for who in ("front_desk", "patient", "researcher", "administrator"):
        assert entering(cast, course, who=who).status_code == 403
    listed = cast.client("nurse").get(f"/clinic/courses/{course.id}/followup/scores/").content.decode()
    assert "HAM-A" in listed
    assert "GAD-7" not in listed
    assert not Score.objects.exists()


def asked(cast, course, knowledge, *instruments):
    sent = request_questionnaires(
        by=cast.actor("nurse"),
        course=course,
        id=uuid.uuid4(),
        instruments=list(instruments),
        knowledge=knowledge,
    )
    return f"/q/{sent.token}/"


def test_twenty_questions_are_asked_one_at_a_time_with_progress_and_back(cast, course, knowledge):
    url, browser, given = asked(cast, course, knowledge, "pcl-5"), cast.client(), {}
    for n in range(1, 21):
        given[f"pcl-5.{n}"] = "2"
        response = browser.post(url, given | {"step": str(n), "go": "on"}, follow=True)
        shown = response.content.decode()
        if n < 20:
            assert f"Question {n + 1} of 20" in shown
            assert shown.count('type="radio"') == 6
            assert 'value="back"' in shown
    row = Score.objects.get()
    assert (row.total, row.band, row.parts) == (40, "above-cut", {"b": 10, "c": 4, "d": 14, "e": 12})


def test_ratings_are_kept_each_for_itself_and_state_no_total(cast, course, knowledge):
    url = asked(cast, course, knowledge, "self-ratings")
    shown = cast.client().get(url).content.decode()
    assert "Question 1 of 7" in shown
    assert shown.count('type="radio"') == 12
    given = {f"self-ratings.{n}": v for n, v in enumerate(["5", "6", "10", "0", "-", "3", "8"], 1)}
    assert cast.client().post(url, given | {"step": "7", "go": "on"}).status_code == 200
    row = Score.objects.get()
    assert (row.answers, row.total, row.safety) == ([5, 6, 10, 0, None, 3, 8], None, "none")
    assert not Statement.objects.exists()
    page_ = cast.client("nurse").get(f"/clinic/courses/{course.id}/followup/").content.decode()
    assert "Interest in sex 3" in page_


def test_a_patient_enters_the_total_of_their_own_form_or_leaves_it_out(cast, course, knowledge):
    url, browser = asked(cast, course, knowledge, "wsas"), cast.client()
    shown = browser.get(url).content.decode()
    assert "A whole number from 0 to 40" in shown
    assert 'type="radio"' not in shown
    for wrong in ("41", "", "1,5", "many"):
        assert browser.post(url, {"wsas.1": wrong, "step": "1", "go": "on"}).status_code == 400
    assert not Score.objects.exists()
    assert browser.post(url, {"wsas.1": "25", "step": "1", "go": "on"}).status_code == 200
    assert (Score.objects.get().total, Score.objects.get().band) == (25, "moderately-severe")
    left_out = asked(cast, course, knowledge, "spin")
    assert browser.post(left_out, {"spin.1": ["", "-"], "step": "1"}).status_code == 200
    assert Score.objects.get(instrument="spin").total is None


def test_a_questionnaire_is_asked_in_the_language_in_which_it_is_published(cast, course, knowledge, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    url = asked(cast, course, knowledge, "phq-9", "gad-7")
    shown = cast.client().get(url, headers={"accept-language": "es"}).content.decode()
    assert '<h1 lang="es">Poco interés o placer en hacer cosas</h1>' in shown
    given = {f"phq-9.{n}": "0" for n in range(1, 10)}
    english = cast.client().post(
        url, given | {"step": "9", "go": "on"}, headers={"accept-language": "es"}, follow=True
    )
    assert b'<h1 lang="en">Feeling nervous' in english.content


def test_what_is_due_after_a_dose_is_said_and_chosen_already(cast, course):
    at = timezone.now() - dt.timedelta(hours=25)
    Session.objects.create(
        site=cast.site,
        patient=cast.patient,
        course=course,
        number=1,
        product="ketamine",
        route="intravenous",
        status="ended",
        started_at=at,
        ended_at=at,
        dosing_started_at=at,
        dosing_ended_at=at,
        given_mg=35.0,
    )
    shown = cast.client("nurse").get(f"/clinic/courses/{course.id}/followup/").content.decode()
    assert shown.count("due since") == 3
    for key in ("gad-7", "phq-9", "self-ratings"):
        assert "checked" in shown.split(f'value="{key}"')[1].split(">")[0]
    assert "checked" not in shown.split('value="pcl-5"')[1].split(">")[0]
