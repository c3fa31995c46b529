"""Proving a way of sending."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.ui.forms import SereinForm


class CodeForm(SereinForm):
    code = forms.CharField(label=_("Code of the test message"), max_length=8)
