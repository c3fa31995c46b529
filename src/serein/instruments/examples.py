"""An instrument's file against itself: does it add up, and do its worked examples come out as they say?"""

from __future__ import annotations

from serein.errors import Refusal
from serein.instruments.score import Score, parse_answers, parse_total, score
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
    """What does not add up between items, answers, range, sub-scores, safety item and examples."""
    found = _score_only(instrument) if instrument.score_only else _items(instrument)
    if found:
        return found
    found = _parts(instrument)
    numbers = [item.number for item in instrument.items]
    if instrument.score_only:
        if instrument.safety_item is not None:
            found.append("without items there is no safety item: safety_at_least is of the total")
    elif (instrument.safety_item is None) != (instrument.safety_at_least is None):
        found.append("safety_item and safety_at_least go together")
    if instrument.safety_item is not None and instrument.safety_item not in numbers:
        found.append(f"the safety item {instrument.safety_item} is not one of the items")
    if instrument.better != "lower" and (instrument.response_percent or instrument.remission_below):
        found.append("response and remission are of a number that falls")
    if (instrument.prorate == "none") != (instrument.missing_allowed == 0):
        found.append('missing_allowed is 0 with prorate = "none", and only then')
    if not instrument.examples:
        found.append("an instrument needs worked examples")
    return found


def _score_only(instrument: Instrument) -> list[str]:
    if instrument.items or instrument.answers:
        return ["an instrument of which only the total is entered has no items and no answers"]
    if instrument.prorate != "none":
        return ["without items nothing is prorated"]
    return [] if instrument.minimum < instrument.maximum else ["minimum must be below maximum"]


def _items(instrument: Instrument) -> list[str]:
    numbers = [item.number for item in instrument.items]
    values = [option.value for option in instrument.answers]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return [f"items must be numbered from 1 without a gap, not {numbers}"]
    if not values or len(set(values)) != len(values):
        return [f"answers must be there and differ, not {values}"]
    times = 1 if instrument.scoring == "ratings" else len(numbers)
    low, high = min(values) * times, max(values) * times
    if (instrument.minimum, instrument.maximum) != (low, high):
        return [
            f"{len(numbers)} items give {low} to {high}, not {instrument.minimum} to {instrument.maximum}"
        ]
    return []


def _parts(instrument: Instrument) -> list[str]:
    found = []
    adding = [part for part in instrument.parts if part.of_total]
    if adding and (sum(p.minimum for p in adding), sum(p.maximum for p in adding)) != (
        instrument.minimum,
        instrument.maximum,
    ):
        found.append("the sub-scores that make up the total do not give its range")
    if len({part.key for part in instrument.parts}) != len(instrument.parts):
        found.append("each sub-score has its own key")
    values = [option.value for option in instrument.answers]
    for part in instrument.parts:
        if bool(part.items) == instrument.score_only:
            found.append(f'the sub-score "{part.key}" names its items where they are here, and only there')
        elif part.items and not set(part.items) <= {item.number for item in instrument.items}:
            found.append(f'the sub-score "{part.key}" has an item that is not there')
        elif part.items and (part.minimum, part.maximum) != (
            min(values) * len(part.items),
            max(values) * len(part.items),
        ):
            found.append(f'the range of the sub-score "{part.key}" is not that of its items')
    return found


def example_disagreements(instrument: Instrument, example: ScoreExample) -> list[str]:
    """What one worked example says differently from the score of its answers."""
    given = {key: str(value) for key, value in example.parts.items()}
    if instrument.score_only and given and len(example.answers) == 1:
        answers = parse_total(instrument, example.answers[0], given)
    else:
        answers = parse_answers(instrument, example.answers)
    if isinstance(answers, Refusal):
        return [] if example.refused else [f'example "{example.note}": {answers}']
    if example.refused:
        return [f'example "{example.note}" says that it is refused, and it is not']
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
        *((f"sub-score {key}", value, got.parts.get(key)) for key, value in example.parts.items()),
    ]
