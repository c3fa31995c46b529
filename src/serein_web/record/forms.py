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


class ReconcileForm(SereinForm):
    """One question a medicine, and the attestation that the list is whole."""

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            label = f"{row.display}{', ' + row.dose if row.dose else ''}"
            self.fields[f"{row.id}"] = forms.ChoiceField(
                label=label,
                widget=forms.RadioSelect,
                choices=[
                    ("as-written", _("takes it as written")),
                    ("differently", _("takes it differently")),
                    ("not-today", _("not today")),
                ],
            )
            self.fields[f"{row.id}-note"] = forms.CharField(
                label=_("How, or why not"), max_length=300, required=False
            )
        self.fields["whole"] = forms.BooleanField(
            label=_(
                "I have asked for anything else: new, over the counter, herbal, borrowed. This is the whole list."
            )
        )

    def lines(self) -> dict[str, tuple[str, str]]:
        given = self.cleaned_data
        return {str(row.id): (given[f"{row.id}"], given[f"{row.id}-note"]) for row in self.rows}


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
