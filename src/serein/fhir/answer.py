"""What one entry answers to one fact: a value, a question, or nothing.

Rules, written here once, for entries that are claims (conditions, medicines, allergies, procedures):

1. a code that says "ask" raises the question, whatever the words say;
2. otherwise the fact's name in the words counts as yes; a verified code that says "no" against it is a question;
3. without the name, a verified code counts as what it means; an unverified one, or words that only ask, raise the
   question;
4. words such as "history of" and a resolved status count only for facts that hold ever;
5. words that deny, or tell of the family or of a risk, are no answer, unless the code means exactly that;
6. what is suspected, not confirmed, or of unknown status raises the question.

Silence is never a no: an entry that does not count leaves the fact unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from serein.fhir.index import Hit
from serein.fhir.wording import Wording, wording
from serein.knowledge.types import Code, Value

Standing = Literal["current", "past", "unclear"]


class Answer(msgspec.Struct, frozen=True):
    """`value` None raises the question; `note` says why."""

    value: Value | None
    note: str = ""


class Claim(msgspec.Struct, frozen=True):
    """How an entry says it: its words' context, whether it stands now, whether it is confirmed."""

    wording: Wording
    standing: Standing
    doubt: str = ""
    """Why the entry is not certain ("provisional"); empty if it is."""


NOTHING = None


def answer(hit: Hit, claim: Claim, *, disagree: bool = False) -> Answer | None:
    """What the entry answers to the fact of `hit`; None if nothing.

    `disagree` says that the entry's verified code and its words name different things.
    """
    meant = _meaning(hit)
    if hit.fact.span != "ever" and (claim.standing == "past" or claim.wording is Wording.HISTORY):
        return NOTHING
    if meant.value is False:
        return meant if claim.standing == "current" and not claim.doubt else NOTHING
    if disagree:
        return Answer(None, "code and words disagree")
    chosen = isinstance(meant.value, str | tuple)  # a code for one of several answers, such as "never"
    if not chosen and claim.wording in (Wording.FAMILY, Wording.NEGATED, Wording.ABOUT):
        return _against_words(hit, claim.wording, meant)
    if meant.value is None:
        return meant
    if claim.doubt:
        return Answer(None, claim.doubt)
    if claim.wording is Wording.UNCERTAIN and not _is_worded_so(hit, Wording.UNCERTAIN):
        return Answer(None, "suspected, or its context is not known")
    if claim.standing == "unclear" and hit.fact.span != "ever":
        return Answer(None, "whether it stands now is not recorded")
    return meant


def code_and_words_disagree(hits: Sequence[Hit]) -> bool:
    """The words name one fact, the verified codes another, and no fact is meant by both.

    A fact that goes by codes alone, or that the words ask about, cannot be contradicted by them.
    """
    coded = [h for h in hits if h.verified_yes]
    named = [h for h in hits if h.named]
    return bool(named and coded) and all(h.fact.names and not h.named and not h.asked for h in coded)


def _meaning(hit: Hit) -> Answer:
    asking = [c for c in hit.codes if c.means == "ask"]
    if asking:
        return Answer(None, asking[0].note or "the code does not tell")
    verified = [c for c in hit.codes if c.verified]
    if hit.named:
        return _named(hit, verified)
    if not verified:
        notes = [c.note for c in hit.codes if c.note] or [hit.asked or "the code alone is not certain"]
        return Answer(None, notes[0])
    meanings = {c.means for c in verified}
    if len(meanings) > 1:
        return Answer(None, "its codes disagree")
    return Answer(_value(verified[0], hit))


def _named(hit: Hit, verified: Sequence[Code]) -> Answer:
    if any(c.means == "no" for c in verified):
        return Answer(None, "code and words disagree")
    if hit.fact.type == "flag":
        return Answer(True)
    chosen = {c.means for c in hit.codes}
    if hit.fact.type in ("choice", "set") and len(chosen) == 1:
        return Answer(_value(hit.codes[0], hit))
    return Answer(None, "the words do not tell which")


def _value(code: Code, hit: Hit) -> Value | None:
    if hit.fact.type == "flag":
        return {"yes": True, "no": False}.get(code.means)
    if code.means in hit.fact.choices:
        return (code.means,) if hit.fact.type == "set" else code.means
    return None


def _against_words(hit: Hit, said: Wording, meant: Answer) -> Answer | None:
    if _is_worded_so(hit, said):
        return meant
    return Answer(None, "code and words disagree") if hit.verified_yes else NOTHING


def _is_worded_so(hit: Hit, said: Wording) -> bool:
    """Whether the knowledge itself words it so ("At risk for suicide"): then the words are no surprise."""
    own = [c.display for c in hit.codes if c.display] + [hit.asked_by]
    return any(wording((words,)) is said for words in own)
