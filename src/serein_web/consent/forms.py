"""What is typed to sign and to withdraw."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.ui.forms import SereinForm


class SignForm(SereinForm):
    refused_title = _("It is not signed yet")

    id = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label=_("I have read this, I could ask my questions, and I agree."),
        error_messages={"required": _("Tick this if it is so. If not, ask us first: nothing is signed.")},
    )
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        help_text=_("Typing your name here is signing."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Please write your full name, as you sign with it.")},
    )


class WithdrawForm(SereinForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("You need not give one."),
    )
