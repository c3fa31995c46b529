"""What staff answer, write and decide at screening."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.fhir import LIMIT_BYTES
from serein.knowledge.types import Fact
from serein_web import fact_fields
from serein_web.ui.forms import ReasonField, SereinForm

NOTE_FIELDS = {
    "history": _("History"),
    "mental_state": _("Mental state"),
    "physical_examination": _("Physical examination"),
    "diagnoses": _("Diagnoses, one a line, with their codes"),
    "symptoms_and_triggers": _("Symptoms and triggers"),
    "treatments_tried": _("Treatments tried: dose, weeks, result"),
    "goals": _("Goals"),
    "questions_asked": _("Questions the patient asked, and the answers"),
}


class AnswersForm(SereinForm):
    """Exactly the facts that are missing."""

    def __init__(self, *args, facts: dict[str, Fact], **kwargs):
        super().__init__(*args, **kwargs)
        self.facts = facts
        for key, fact in facts.items():
            self.fields[key] = fact_fields.field_for(fact)

    def values(self):
        return fact_fields.answers(self, self.facts)


class ImportForm(SereinForm):
    file = forms.FileField(label=_("FHIR R4 bundle, JSON"), help_text=_("One patient's record, up to 20 MB."))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LIMIT_BYTES:
            raise forms.ValidationError(
                _("The file is too large. The limit is 20 MB: export one patient at a time.")
            )
        return file


class NoteForm(SereinForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in NOTE_FIELDS.items():
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
            )


class AddendumForm(SereinForm):
    text = forms.CharField(label=_("Addendum"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}))


class ReasonForm(SereinForm):
    reason = ReasonField()


class DisputeForm(SereinForm):
    """A fact in the record is wrong: what is right, why, and how it is known."""

    def __init__(self, *args, fact: Fact, **kwargs):
        super().__init__(*args, **kwargs)
        self.fact = fact
        self.fields["value"] = fact_fields.field_for(fact, required=True)
        self.fields["reason"] = ReasonField(label=_("Why is the record wrong?"), max_length=900)
        self.fields["evidence"] = ReasonField(
            label=_("What shows it? (document, examination, who said so)"), max_length=900
        )

    def value(self):
        return fact_fields.value_of(self.fact, self.cleaned_data["value"])
