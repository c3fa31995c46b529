"""A prescriber's review."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.outcomes.models import Review
from serein_web.ui.forms import ReasonField, SereinForm


class ReviewForm(SereinForm):
    choice = forms.ChoiceField(label=_("What follows"), widget=forms.RadioSelect, choices=())
    reason = ReasonField(label=_("Why"))

    def __init__(self, *args, allowed: tuple[str, ...], **kwargs):
        super().__init__(*args, **kwargs)
        # A choice that is no longer open is refused by the action, which can say why.
        words = dict(Review.Choice.choices)
        self.fields["choice"].choices = [(c, words[c]) for c in allowed]
