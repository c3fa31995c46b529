"""The filter of the evidence library."""

from __future__ import annotations

from typing import get_args

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.knowledge.types import Disorder, Kind
from serein_web.library.shown import DISORDERS, KINDS


class EvidenceForm(forms.Form):
    """Both are optional: nothing chosen is everything."""

    kind = forms.ChoiceField(
        label=_("Kind of study"),
        required=False,
        choices=[("", _("all kinds")), *((k, KINDS[k]) for k in get_args(Kind))],
    )
    disorder = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[("", _("everything")), *((d, DISORDERS[d]) for d in get_args(Disorder))],
    )
