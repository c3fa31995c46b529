"""Leaving, and the recovery score."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.knowledge import Knowledge
from serein.monitoring import recovery_score
from serein_web.ui.forms import MomentField, ReasonField, SereinForm

AFTER_A_DOSE = [
    ("left-before-criteria", _("left before the criteria held")),
    ("transferred", _("transferred, to a hospital or another service")),
    ("died", _("died")),
]
WITHOUT_A_DOSE = [("not-dosed", _("goes home without a dose")), *AFTER_A_DOSE[1:]]


class DischargeForm(SereinForm):
    id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"id": uuid.uuid4()})
        super().__init__(*args, **kwargs)


class LeaveForm(DischargeForm):
    """Leaving otherwise than by discharge. Always open."""

    how = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)
    reason = ReasonField(label=_("Why"))
    warning_given = forms.ChoiceField(
        label=_("Warned of the risks"),
        widget=forms.RadioSelect,
        choices=[("yes", _("yes")), ("no", _("no")), ("", _("not possible"))],
        required=False,
    )
    prescriber_told = forms.CharField(
        label=_("Which prescriber was told"),
        max_length=200,
        required=False,
        help_text=_("Left empty, a task for a prescriber is raised."),
    )
    at = MomentField(label=_("Time, if not now"), required=False)

    def __init__(self, *args: Any, dosed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = AFTER_A_DOSE if dosed else WITHOUT_A_DOSE  # type: ignore[attr-defined]

    def clean_warning_given(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["warning_given"])


class AldreteForm(DischargeForm):
    """The five items, each with its levels in words. `suggested` marks what the readings say; a person answers."""

    at = MomentField(label=_("Time, if not now"), required=False)

    def __init__(self, *args: Any, knowledge: Knowledge, suggested: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = recovery_score.items(knowledge)
        for item in self.items:
            self.fields[item.key] = forms.TypedChoiceField(
                label=item.title,
                coerce=int,
                widget=forms.RadioSelect,
                choices=[(n, f"{n}: {words}") for n, words in reversed(list(enumerate(item.levels)))],
                help_text=_("The readings suggest %(points)s.") % {"points": suggested[item.key]}
                if item.key in suggested
                else "",
            )
        self.order_fields([*(i.key for i in self.items), "at"])

    def points(self) -> dict[str, int]:
        return {i.key: self.cleaned_data[i.key] for i in self.items}
