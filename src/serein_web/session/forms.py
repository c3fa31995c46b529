"""Opening a session. What is charted in it has its forms in `sessionlog.forms`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from serein_web.schedule.models import Chair
from serein_web.ui.forms import SereinForm


class OpenForm(SereinForm):
    chair = forms.ModelChoiceField(
        label=_("Chair"), queryset=Chair.objects.none(), required=False, empty_label=_("no chair")
    )

    def __init__(self, *args: Any, chairs: QuerySet[Chair], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = chairs  # type: ignore[attr-defined]
