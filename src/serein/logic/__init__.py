"""Three-valued conditions over facts: true, false, or not known."""

from serein.logic.evaluate import Outcome, evaluate
from serein.logic.facts import Facts, Known, Statement, Unknown
from serein.logic.suggestions import suggested
from serein.logic.truth import Truth

__all__ = ["Facts", "Known", "Outcome", "Statement", "Truth", "Unknown", "evaluate", "suggested"]
