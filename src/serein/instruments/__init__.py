"""Answers in, scores out; two scores in, a change out. What is asked and how it counts is knowledge."""

from serein.instruments.change import Change, NotComputable, Scored, Verdict, compare
from serein.instruments.examples import disagreements
from serein.instruments.score import Answers, NoTotal, Safety, Score, parse_answers, parse_total, score

__all__ = [
    "Answers",
    "Change",
    "NoTotal",
    "NotComputable",
    "Safety",
    "Score",
    "Scored",
    "Verdict",
    "compare",
    "disagreements",
    "parse_answers",
    "parse_total",
    "score",
]
