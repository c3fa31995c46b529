"""What the words of an entry say about the thing they name: that it is so, was so, is suspected, is not so…

Terminologies put context into the words ("History of cardiac arrest (situation)"). Source of the contexts: SNOMED
CT Editorial Guide, "Situation with explicit context"; the NegEx and ConText algorithms (Chapman 2001, Harkema
2009) for where the cue stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum


class Wording(StrEnum):
    PLAIN = "plain"
    HISTORY = "history"
    """It was so. Says nothing of now."""
    UNCERTAIN = "uncertain"
    """Suspected, or in a context that the words do not tell."""
    ABOUT = "about"
    """Named without being claimed: a risk, a screening, advice."""
    FAMILY = "family"
    NEGATED = "negated"


_CUES = (
    (Wording.FAMILY, r"\b(family history|famil(y|ial) hx|fhx?:?|maternal history|paternal history)\b"),
    (Wording.NEGATED, r"^(no|not|denies|denied|never|absence of|negative for)\b"),
    (Wording.NEGATED, r"\bno (known|evidence of|current|past|previous|personal|relevant|significant)\b"),
    (
        Wording.NEGATED,
        r"\bno (family )?history\b|\b(ruled out|excluded|not (present|suspected|found|detected))\b",
    ),
    (
        Wording.ABOUT,
        r"\b(at (\w+ )?risk (of|for)|risk of|susceptib\w+|carrier of|exposure to|contact with)\b",
    ),
    (
        Wording.ABOUT,
        r"\b(screening|screen|assessment|evaluation|vaccination|immunization|prophylaxis|education|counsell?ing)\b",
    ),
    (Wording.ABOUT, r"\b(fear of|encounter for|concern about|advice about)\b"),
    (
        Wording.UNCERTAIN,
        r"\b(suspected|suspicion of|possible|probable|presumed|provisional|questionable|query)\b",
    ),
    (Wording.UNCERTAIN, r"\b(rule out|r/o)\b|\?|\bpartial remission\b"),
    (Wording.HISTORY, r"\b(history of|h/o|hx of|history|status post|s/p|sequelae? of|late effects? of)\b"),
    (Wording.HISTORY, r"^(old|previous|prior|former|past)\b|(?<!not )\bin (\w+ )?remission\b"),
    (Wording.UNCERTAIN, r"\(situation\)"),
)
_PATTERNS = tuple((wording, re.compile(pattern)) for wording, pattern in _CUES)
_TREATS = re.compile(
    r"\b(clipping|coiling|repair|resection|excision|emboli[sz]ation|ligation|endarterectomy|ablation|evacuation"
    r"|treatment of|operation (on|for)|surgery for)\b"
)
_NEGATED_BEFORE = re.compile(r"\b(no|not|non|without|absence of|lack of|free of|never had)[\s-]+$")


def wording(texts: Iterable[str]) -> Wording:
    """The first context that any of the texts carries, the strongest first; plain if none does."""
    lowered = [t.lower() for t in texts]
    for meaning, pattern in _PATTERNS:
        if any(pattern.search(t) for t in lowered):
            return meaning
    return Wording.PLAIN


def names_it(name: str, lowered: str) -> bool:
    """Whether `name` stands in the text as whole words, and not right after a word that denies it."""
    return any(not _NEGATED_BEFORE.search(lowered[:start]) for start in _places(name, lowered))


def stands_in(name: str, lowered: str) -> bool:
    """Whether `name` stands in the text as whole words."""
    return next(_places(name, lowered), None) is not None


def _places(name: str, lowered: str) -> Iterator[int]:
    start = lowered.find(name)
    while start >= 0:
        if not _letter(lowered, start - 1) and not _letter(lowered, start + len(name)):
            yield start
        start = lowered.find(name, start + 1)


def _letter(lowered: str, index: int) -> bool:
    return 0 <= index < len(lowered) and lowered[index].isalnum()


def treats(texts: Iterable[str]) -> bool:
    """Whether a procedure's words say that what they name was there and was treated ("Clipping of aneurysm")."""
    return any(_TREATS.search(t.lower()) for t in texts)
