"""Opening a record in an emergency."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.ui.forms import ReasonField, SereinForm


class EmergencyForm(SereinForm):
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    birth_date = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = ReasonField(label=_("What is the emergency?"))
