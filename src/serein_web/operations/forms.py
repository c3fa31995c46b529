"""What an administrator changes of a site."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.ui.forms import SereinForm

LINE = re.compile(r"^(?P<name>[^:]+):\s*(?P<number>[0-9+() -]{2,})(?:\s*[,;]\s*(?P<note>.+))?$")


class DetailsForm(SereinForm):
    organisation = forms.CharField(label=_("Organisation"), max_length=200)
    telephone = forms.CharField(
        label=_("Telephone"), max_length=40, help_text=_("Patients are shown it on every page.")
    )
    crisis_lines = forms.CharField(
        label=_("Crisis lines"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("One a line: name: number, note. Empty: those of the country."),
    )

    def clean_crisis_lines(self) -> list[dict[str, str]]:
        found = []
        for text in filter(str.strip, self.cleaned_data["crisis_lines"].splitlines()):
            match = LINE.match(text.strip())
            if match is None:
                raise forms.ValidationError(
                    _(
                        "“%(line)s” is not a name, a colon and a number. Write it as Lifeline: 13 11 14, day and night."
                    ),
                    params={"line": text.strip()},
                )
            number = match["number"].strip()
            found.append(
                {
                    "name": match["name"].strip(),
                    "number": number,
                    "tel": re.sub(r"[^0-9+]", "", number),
                    "note": (match["note"] or "").strip(),
                }
            )
        return found


class ChairForm(SereinForm):
    name = forms.CharField(label=_("Name of the chair"), max_length=60)
