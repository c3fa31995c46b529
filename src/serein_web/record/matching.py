"""A medicine, allergy or problem as staff write it -> the facts that its words state, as an import would read them."""

from __future__ import annotations

from typing import Any

from serein.fhir.answer import Claim, answer
from serein.fhir.elements import Concept
from serein.fhir.index import Index
from serein.fhir.wording import wording
from serein.knowledge import Knowledge
from serein_web.record.models import Allergy, Kept, Medicine, Problem

RECORDED_AS = {Medicine: "medicine", Allergy: "allergy", Problem: "condition"}


def facts_named(model: type[Kept], display: str, knowledge: Knowledge) -> dict[str, Any]:
    """The flags that the words state: True, or None where they only raise the question. Words never state a no."""
    concept = Concept((), (display,))
    claim = Claim(wording(concept.texts), "current")
    stated = {}
    for hit in Index(knowledge).find(concept, (RECORDED_AS[model],)):
        given = answer(hit, claim) if hit.fact.type == "flag" else None
        if given is not None and given.value is not False:
            stated[hit.fact.key] = given.value
    return stated
