"""Medicines, allergies and problems as staff keep them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.knowledge.types import Fact
from serein_web import fact_fields
from serein_web.ui.forms import SereinForm


def _day(**words) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **words)


class KeepForm(SereinForm):
    display = forms.CharField(label=_("Name"), max_length=300)
    started_on = _day(label=_("Since"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class MedicineForm(KeepForm):
    dose = forms.CharField(label=_("Dose and how often"), max_length=200, required=False)
    field_order = ["display", "dose", "started_on", "note"]


class StopForm(SereinForm):
    """When it ended, and what is now true of the facts that it stated: no answer leaves them as they were."""

    ended_on = _day(label=_("Until"))
    note = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(self, *args, facts: dict[str, Fact], **kwargs):
        super().__init__(*args, **kwargs)
        self.facts = facts
        for key, fact in facts.items():
            self.fields[key] = fact_fields.field_for(fact)

    def values(self):
        return fact_fields.answers(self, self.facts)
