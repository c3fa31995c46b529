"""An instrument's file against itself: does it add up, and do its worked examples come out as they say?"""

from __future__ import annotations

from serein.errors import Refusal
from serein.instruments.score import Score, parse_answers, score
from serein.knowledge.types import Instrument, ScoreExample


def disagreements(instrument: Instrument) -> list[str]:
    """Every sentence in which the file contradicts itself; empty for a file that may be used."""
    found = structure_disagreements(instrument)
    if found:
        return found  # examples of a file that does not add up would only repeat it
    for example in instrument.examples:
        found += example_disagreements(instrument, example)
    return found


def structure_disagreements(instrument: Instrument) -> list[str]:
    """What does not add up between items, answers, range, safety item and examples."""
    found = []
    numbers = [item.number for item in instrument.items]
    values = [option.value for option in instrument.answers]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return [f"items must be numbered from 1 without a gap, not {numbers}"]
    if not values or len(set(values)) != len(values):
        return [f"answers must be there and differ, not {values}"]
    low, high = min(values) * len(numbers), max(values) * len(numbers)
    if (instrument.minimum, instrument.maximum) != (low, high):
        found.append(
            f"{len(numbers)} items give {low} to {high}, not {instrument.minimum} to {instrument.maximum}"
        )
    if (instrument.safety_item is None) != (instrument.safety_at_least is None):
        found.append("safety_item and safety_at_least go together")
    if instrument.safety_item is not None and instrument.safety_item not in numbers:
        found.append(f"the safety item {instrument.safety_item} is not one of the items")
    if (instrument.prorate == "none") != (instrument.missing_allowed == 0):
        found.append('missing_allowed is 0 with prorate = "none", and only then')
    if not instrument.examples:
        found.append("an instrument needs worked examples")
    return found


def example_disagreements(instrument: Instrument, example: ScoreExample) -> list[str]:
    """What one worked example says differently from the score of its answers."""
    answers = parse_answers(instrument, example.answers)
    if isinstance(answers, Refusal):
        return [f'example "{example.note}": {answers}']
    got = score(instrument, answers)
    return [
        f'example "{example.note}" says {name} {said}, its answers give {came}'
        for name, said, came in _pairs(example, got)
        if said != came
    ]


def _pairs(example: ScoreExample, got: Score) -> list[tuple[str, object, object]]:
    return [
        ("total", example.total, got.total),
        ("band", example.band, got.band),
        ("prorated", example.prorated, got.prorated),
        ("safety", example.safety, got.safety),
    ]
