"""The guide: every page of the knowledge opens, says what the file says, and a site's own numbers need a signature."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from serein.errors import Reason, Refusal
from serein.safety.decision import from_json
from serein_web import knowledge as site_knowledge
from serein_web.audit.verify import faults
from serein_web.guide import actions, queries
from serein_web.guide.knowledge import of_site
from serein_web.guide.models import OverlayProposal, OverlayVerdict
from serein_web.record.actions import state_facts
from serein_web.screening import actions as screening
from serein_web.screening.models import DecisionRecord
from serein_web.screening.queries import replayed

pytestmark = pytest.mark.django_db

RULE, PATH = "pressure-severe-before-dose", "when.any.systolic_pressure.at_least"
OBESITY = ("obesity", "when.any.body_mass_index.at_least")


def propose(cast, rule=RULE, path=PATH, value="170 mmHg", by="nurse", reason="help is far away"):
    return actions.propose(
        by=cast.actor(by),
        site=cast.site,
        knowledge=site_knowledge.current(),
        rule=rule,
        path=path,
        value=value,
        reason=reason,
    )


def sign(cast, proposal, by="medical_director", reason="agreed at the safety meeting"):
    return actions.sign(
        by=cast.actor(by), proposal=proposal, knowledge=site_knowledge.current(), reason=reason
    )


def in_force(row: OverlayVerdict) -> None:
    """As if the night had passed."""
    OverlayVerdict.objects.filter(id=row.id).update(starts_at=timezone.now() - dt.timedelta(minutes=1))


# ── reading ──


def test_every_page_of_the_knowledge_opens_for_any_staff(cast, knowledge):
    client = cast.client("front_desk")
    for key in knowledge.rules:
        assert client.get(reverse("guide:rule", args=[key])).status_code == 200, key
    for key in knowledge.facts:
        assert client.get(reverse("guide:fact", args=[key])).status_code == 200, key
    for folder in ("instruments", "products", "routes", "protocols", "models"):
        assert client.get(reverse("guide:folder", args=[folder])).status_code == 200, folder
        for name, raw in knowledge.pack.files.items():
            if name.startswith(f"{folder}/"):
                url = reverse("guide:entry", args=[folder, raw["key"]])
                assert client.get(url).status_code == 200, name


@pytest.mark.parametrize(
    "url",
    [
        "/clinic/guide/rules/no-such-rule/",
        "/clinic/guide/facts/no_such_fact/",
        "/clinic/guide/evidence/",
        "/clinic/guide/routes/by-magic/",
    ],
)
def test_what_the_knowledge_does_not_have_is_not_found(cast, url):
    assert cast.client("nurse").get(url).status_code == 404


def test_a_rule_says_when_it_applies_in_words_with_its_examples_and_who_checked_it(cast):
    page = cast.client("nurse").get(reverse("guide:rule", args=[RULE])).content.decode()
    assert "Systolic blood pressure is 180 mmHg or more, from the last 30 min" in page
    assert "at least one of these" in page
    assert "just below both" in page
    assert "does not apply" in page
    assert "nobody yet" in page
    assert "assumption: no source found" in page


def test_filters_narrow_the_list_and_a_word_finds_a_rule(cast, knowledge):
    client = cast.client("nurse")
    found = client.get("/clinic/guide/", {"kind": "interactions", "find": "lithium"})
    assert [g["kind"] for g in found.context["groups"]] == ["interactions"]
    assert [r.key for r in found.context["groups"][0]["rules"]] == ["lithium"]
    absolute = client.get("/clinic/guide/", {"strength": "absolute"})
    assert absolute.context["count"] == sum(r.strength == "absolute" for r in knowledge.rules.values())
    assert client.get("/clinic/guide/", {"find": "no such words"}).context["count"] == 0


def test_what_is_due_within_sixty_days_is_listed_and_nothing_else(cast, knowledge):
    from serein_web.guide.shown import due

    review = min(r.review_due for r in knowledge.rules.values())
    lapse = min(r.lapses_on for r in knowledge.rules.values() if r.lapses_on)
    assert due(knowledge, min(review, lapse) - dt.timedelta(days=1)) == []
    assert {(r["what"], r["on"]) for r in due(knowledge, lapse)} == {("lapses_on", lapse)}
    assert ("review_due", review) in {(r["what"], r["on"]) for r in due(knowledge, review)}
    assert all(r["on"] <= review for r in due(knowledge, review))
    assert cast.client("nurse").get("/clinic/guide/due/").status_code == 200


# ── a site's own numbers ──


def test_a_signed_number_decides_at_its_site_from_the_next_day_and_nowhere_else(cast):
    row = sign(cast, propose(cast))
    assert isinstance(row, OverlayVerdict), str(row)
    assert row.version == 1
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert of_site(cast.site.id).overlay is None
    later = of_site(cast.site.id, tomorrow)
    assert later.overlay == row.proposal.digest
    assert later.rules[RULE].when["any"][0]["at_least"] == "170 mmHg"
    assert later.hash == site_knowledge.current().hash
    assert of_site(cast.elsewhere.id, tomorrow).overlay is None
    assert faults(f"site:{cast.site.id}") == []


def test_it_begins_at_midnight_of_the_site(cast):
    row = sign(cast, propose(cast))
    assert row.starts_at > timezone.now()
    assert row.starts_at - timezone.now() <= dt.timedelta(hours=25)
    local = row.starts_at.astimezone(ZoneInfo(cast.site.time_zone))
    assert (local.hour, local.minute) == (0, 0)


@pytest.mark.parametrize("who", ["prescriber", "nurse", "administrator", "front_desk"])
def test_only_the_medical_director_of_the_site_signs(cast, who):
    refused = sign(cast, propose(cast), by=who)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_ALLOWED_FOR_ROLE
    assert not OverlayVerdict.objects.exists()


def test_a_number_without_a_reason_is_neither_proposed_nor_signed(cast):
    assert propose(cast, reason=" ").reason is Reason.NEEDS_REASON
    assert sign(cast, propose(cast), reason=" ").reason is Reason.NEEDS_REASON


def test_what_no_site_may_set_is_refused_and_nothing_kept(cast):
    sourced = "too-early-after-spray"
    path = "when.below"
    assert propose(cast, sourced, path, "60 min").reason is Reason.LOOSER
    assert propose(cast, "no-such-rule").reason is Reason.NOT_KNOWN_HERE
    assert propose(cast, value="170 kg").reason is Reason.WRONG_DIMENSION
    assert propose(cast, value="").reason is Reason.ALREADY_DONE
    assert not OverlayProposal.objects.exists()


def test_the_second_of_two_proposals_made_beside_each_other_must_be_made_again(cast):
    first, second = propose(cast), propose(cast, *OBESITY, "28 kg/m2")
    assert isinstance(sign(cast, first), OverlayVerdict)
    assert sign(cast, second).reason is Reason.CHANGED_MEANWHILE
    assert sign(cast, first).reason is Reason.ALREADY_DONE
    assert queries.open_proposals(cast.site.id) == []


def test_a_later_version_keeps_the_earlier_numbers_and_the_shared_one_can_come_back(cast):
    sign(cast, propose(cast))
    both = sign(cast, propose(cast, *OBESITY, "28 kg/m2"))
    assert {s["rule"] for s in both.proposal.settings} == {RULE, "obesity"}
    sign(cast, propose(cast, *OBESITY, ""))
    back = sign(cast, propose(cast, value=""))
    assert back.version == 4
    assert back.proposal.settings == []
    assert queries.in_force(cast.site.id, timezone.now() + dt.timedelta(days=2)) is None


def test_a_declined_proposal_stays_with_its_reason_and_changes_nothing(cast):
    row = propose(cast)
    said = actions.decline(by=cast.actor("medical_director"), proposal=row, reason="too cautious for us")
    assert (said.signed, said.version) == (False, None)
    assert queries.signed(cast.site.id) == []
    assert sign(cast, row).reason is Reason.ALREADY_DONE


def obese(cast, knowledge) -> None:
    state_facts(
        by=cast.actor("nurse"),
        patient=cast.patient,
        values={"weight": 84.0, "height": 170.0},
        at=timezone.now() - dt.timedelta(minutes=5),
        source="staff",
        knowledge=knowledge,
    )


def test_a_decision_under_an_overlay_names_it_and_is_replayed_with_it(cast, knowledge):
    obese(cast, knowledge)  # a body-mass index of 29.1: below the shared 30, above the site's 28
    course = cast.course()
    before = screening.decide(by=cast.actor("prescriber"), course=course)
    in_force(sign(cast, propose(cast, *OBESITY, "28 kg/m2")))
    after = screening.decide(by=cast.actor("prescriber"), course=course)
    was, is_ = (from_json(row.canonical.encode()) for row in (before, after))
    assert was.overlay is None
    assert is_.overlay == OverlayProposal.objects.get().digest
    assert "obesity" not in {f.rule for f in was.findings if f.state == "fires"}
    assert "obesity" in {f.rule for f in is_.findings if f.state == "fires"}
    assert (replayed(before), replayed(after)) == ("same", "same")


def test_a_decision_whose_overlay_is_gone_says_that_it_cannot_be_replayed(cast, knowledge):
    obese(cast, knowledge)
    course = cast.course()
    in_force(sign(cast, propose(cast, *OBESITY, "28 kg/m2")))
    row = screening.decide(by=cast.actor("prescriber"), course=course)
    OverlayProposal.objects.update(digest="")
    assert replayed(DecisionRecord.objects.get(id=row.id)) == "not here"


def test_from_a_rule_to_a_signature_in_the_browser(cast):
    nurse, director = cast.client("nurse"), cast.client("medical_director")
    assert "Numbers at Harbour Clinic" in nurse.get(reverse("guide:rule", args=[RULE])).content.decode()
    url = reverse("guide:propose", args=[cast.site.id, RULE, PATH])
    assert nurse.get(url).status_code == 200
    refused = nurse.post(url, {"value": "17,5", "reason": "typing"})
    assert refused.status_code == 400
    assert "comma" in refused.content.decode()
    assert nurse.post(url, {"value": "170 mmHg", "reason": "help is far"}).status_code == 302
    proposal = OverlayProposal.objects.get()
    judge = reverse("guide:judge", args=[cast.site.id, proposal.id])
    assert nurse.get(judge).status_code == 403
    assert "170 mmHg" in director.get(judge).content.decode()
    assert director.post(judge, {"do": "sign", "reason": ""}).status_code == 400
    assert director.post(judge, {"do": "sign", "reason": "agreed"}).status_code == 302
    page = director.get(reverse("guide:site", args=[cast.site.id])).content.decode()
    assert "Version 1 begins" in page
    again = director.post(judge, {"do": "sign", "reason": "agreed"})
    assert again.status_code == 400


def test_staff_of_another_site_neither_see_nor_propose_its_numbers(cast):
    other = cast.client("other_prescriber")
    assert other.get(reverse("guide:site", args=[cast.site.id])).status_code == 404
    url = reverse("guide:propose", args=[cast.site.id, RULE, PATH])
    assert other.post(url, {"value": "170 mmHg", "reason": "x"}).status_code == 404
    assert not OverlayProposal.objects.exists()
