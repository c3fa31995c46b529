"""Finding a rule, and proposing or judging a number of the site's own."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.ui.forms import SereinForm


class ProposeForm(SereinForm):
    value = forms.CharField(
        label=_("The number here, with its unit"),
        max_length=60,
        required=False,
        help_text=_("Leave it empty to go back to the shared number."),
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class JudgeForm(SereinForm):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
