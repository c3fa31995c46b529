"""What staff send, and how a patient answers: one question at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.instruments.score import MISSING
from serein.knowledge import Knowledge
from serein.knowledge.types import Instrument, Item
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
        self.fields["instruments"].choices = [(i.key, i.text.title) for i in own]
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


@dataclass(frozen=True)
class Question:
    """One item of one of the questionnaires, and the name of its answer in the form."""

    instrument: Instrument
    item: Item

    @property
    def name(self) -> str:
        return f"{self.instrument.key}.{self.item.number}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(str(a.value), a.text) for a in self.instrument.answers] + [
            (MISSING, _("I prefer not to answer"))
        ]


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
            Question(knowledge.instruments[key], item)
            for key in row.instruments
            for item in knowledge.instruments[key].items
        ]
        self.answers = {q.name: data[q.name] for q in self.questions if self._is_choice(q, data)}
        self.place, self.refused, self.complete = self._first_open(asked_for), False, False
        if "step" in data:
            self._go(data)

    @staticmethod
    def _is_choice(question: Question, data: Mapping[str, str]) -> bool:
        return data.get(question.name) in dict(question.choices)

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
