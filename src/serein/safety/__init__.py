"""Facts and rules in, a decision that explains itself out."""

from serein.safety.decision import Conclusion, Decision, Finding, Missing, Override, Question
from serein.safety.evaluate import evaluate

__all__ = ["Conclusion", "Decision", "Finding", "Missing", "Override", "Question", "evaluate"]
