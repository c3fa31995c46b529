"""What staff send, and how a patient answers: one question at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from serein.errors import Refusal
from serein.instruments import parse_answers
from serein.instruments.score import MISSING
from serein.instruments.words import as_spoken
from serein.knowledge import Knowledge
from serein.knowledge.types import Instrument, Item, Part
from serein.pathway import followup as core
from serein_web.followup.models import QuestionnaireRequest
from serein_web.ui.forms import MomentField, SereinForm


class SendForm(SereinForm):
    id = forms.UUIDField(widget=forms.HiddenInput)
    instruments = forms.MultipleChoiceField(
        label=_("Questionnaires"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args, knowledge: Knowledge, **kwargs):
        super().__init__(*args, **kwargs)
        own = [i for i in knowledge.instruments.values() if i.rater == "self"]
        asked = [(i.key, i.text.title) for i in own if i.items]
        totals = [(i.key, _("%s (the total of a form)") % i.text.title) for i in own if i.score_only]
        self.fields["instruments"].choices = asked + totals
        self.fields["instruments"].initial = core.usual(knowledge)


class AdverseEventForm(SereinForm):
    term = forms.CharField(label=_("What happened"), max_length=200)
    grade = forms.TypedChoiceField(
        label=_("Grade (CTCAE)"),
        coerce=int,
        choices=[
            (1, _("1 mild")),
            (2, _("2 moderate")),
            (3, _("3 severe")),
            (4, _("4 life-threatening")),
            (5, _("5 death")),
        ],
    )
    at = MomentField(label=_("When it began"))
    ended_at = MomentField(label=_("When it ended"), required=False)
    action_taken = forms.CharField(label=_("What was done"), max_length=500, required=False)


class ScoreForm(SereinForm):
    """A total taken elsewhere, with its sub-scores if they are known."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    total = forms.CharField(max_length=10)
    at = MomentField(label=_("When it was taken"))
    taken_by = forms.CharField(
        label=_("Who took it"), max_length=200, help_text=_("The name of the clinician, or the patient.")
    )

    def __init__(self, *args, instrument: Instrument, **kwargs):
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        self.fields["total"].label = instrument.text.title  # as the core names it, so that a refusal finds it
        self.fields["total"].help_text = _range(instrument)
        for part in instrument.parts:
            self.fields[self.name_of(part)] = forms.CharField(
                label=f"{instrument.text.title}, {part.text}",
                help_text=_range(part),
                max_length=10,
                required=False,
            )
        for name in ("total", *(self.name_of(part) for part in instrument.parts)):
            self.fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        self.order_fields(["id", "total", *(self.name_of(part) for part in instrument.parts)])

    @staticmethod
    def name_of(part: Part) -> str:
        return f"part_{part.key}"

    def given(self) -> dict[str, object]:
        """What the action takes."""
        data = self.cleaned_data
        parts = {part.key: data[self.name_of(part)] for part in self.instrument.parts}
        return {name: data[name] for name in ("id", "total", "at", "taken_by")} | {"parts": parts}


def _range(of: Instrument | Part) -> str:
    return _("A whole number from %(low)d to %(high)d.") % {"low": of.minimum, "high": of.maximum}


@dataclass(frozen=True)
class Question:
    """One item of one of the questionnaires, and the name of its answer in the form.

    Of an instrument whose items are not here the one question is its total. `language` is what the words are in.
    """

    instrument: Instrument
    item: Item
    language: str = "en"

    @property
    def name(self) -> str:
        return f"{self.instrument.key}.{self.item.number}"

    @property
    def is_total(self) -> bool:
        return self.instrument.score_only

    def takes(self, answer: str | None) -> bool:
        if self.is_total:
            return answer is not None and not isinstance(parse_answers(self.instrument, [answer]), Refusal)
        return answer in dict(self.choices)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(str(a.value), a.text) for a in self.instrument.answers] + [
            (MISSING, _("I prefer not to answer"))
        ]


def _questions(instrument: Instrument, knowledge: Knowledge) -> list[Question]:
    """In the language of the page, if the instrument is published in it."""
    if instrument.score_only:
        title = {"title": instrument.text.title}
        return [Question(instrument, Item(number=1, text=_("The total of your form %(title)s") % title))]
    spoken, language = as_spoken(instrument, knowledge, get_language() or "")
    return [Question(spoken, item, language) for item in spoken.items]


class Answering:
    """The answers so far, and the question to show now.

    `data`: the answers by name; of a page that was filled in also `step` (which page) and `go` ("back" or "on").
    `asked_for`: the number of the question that the address names, where no page was filled in. Every page carries
    all answers in hidden fields, so that going back loses nothing, and neither script nor cookie is needed.
    """

    def __init__(
        self,
        row: QuestionnaireRequest,
        knowledge: Knowledge,
        data: Mapping[str, str],
        asked_for: str = "",
    ) -> None:
        self.row = row
        self.questions = [
            question
            for key in row.instruments
            for question in _questions(knowledge.instruments[key], knowledge)
        ]
        self.answers = {q.name: data[q.name] for q in self.questions if self._is_choice(q, data)}
        self.place, self.refused, self.complete = self._first_open(asked_for), False, False
        if "step" in data:
            self._go(data)

    @staticmethod
    def _is_choice(question: Question, data: Mapping[str, str]) -> bool:
        return question.takes(data.get(question.name))

    def _place_of(self, text: str) -> int:
        here = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 4 else 0
        return max(0, min(here, len(self.questions) - 1))

    def _first_open(self, asked_for: str) -> int:
        """Where the address says, but never past the first question that has no answer yet."""
        open_ = (n for n, q in enumerate(self.questions) if q.name not in self.answers)
        first = next(open_, len(self.questions) - 1)
        return min(self._place_of(asked_for), first) if asked_for else first

    def _go(self, data: Mapping[str, str]) -> None:
        here = self._place_of(data["step"])
        if data.get("go") == "back":
            self.place = max(0, here - 1)
        elif self.questions[here].name not in self.answers:
            self.place, self.refused = here, True
        elif here + 1 < len(self.questions):
            self.place = here + 1
        else:
            self._finish()

    def _finish(self) -> None:
        """Send only if every question has its answer or was passed over by name; else show the first that has not."""
        open_ = [n for n, q in enumerate(self.questions) if q.name not in self.answers]
        if open_:
            self.place, self.refused = open_[0], True
        else:
            self.complete = True

    @property
    def question(self) -> Question:
        return self.questions[self.place]

    @property
    def chosen(self) -> str | None:
        return self.answers.get(self.question.name)

    @property
    def carried(self) -> dict[str, str]:
        """The answers of the other questions."""
        return {name: value for name, value in self.answers.items() if name != self.question.name}

    @property
    def step(self) -> int:
        return self.place + 1

    @property
    def steps(self) -> int:
        return len(self.questions)

    def by_instrument(self) -> dict[str, list[str]]:
        """All answers in the order of the items, as the core parses them."""
        given: dict[str, list[str]] = {}
        for question in self.questions:
            given.setdefault(question.instrument.key, []).append(self.answers.get(question.name, ""))
        return given
