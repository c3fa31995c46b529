"""The people around a patient, and a letter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.careteam.content import PARTS, USUAL
from serein_web.careteam.models import Letter, Relation
from serein_web.ui.forms import SereinForm


def _day(**words) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False, **words)


class RelationForm(SereinForm):
    kind = forms.ChoiceField(label=_("Who"), choices=Relation.Kind)
    name = forms.CharField(label=_("Name"), max_length=200)
    organisation = forms.CharField(
        label=_("Practice, or relation to the patient"), max_length=200, required=False
    )
    telephone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    share_from = _day(
        label=_("May be told from"), help_text=_("Only if the patient agreed. Empty: nothing is shared.")
    )
    share_until = _day(label=_("Until"), help_text=_("Empty: until the patient says otherwise."))
    agreed_how = forms.CharField(label=_("How the patient agreed"), max_length=200, required=False)


class LetterForm(SereinForm):
    relation = forms.ModelChoiceField(label=_("To"), queryset=Relation.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("About"), choices=Letter.Kind, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What you write"), widget=forms.Textarea(attrs={"rows": 8}), required=False, max_length=6000
    )
    parts = forms.MultipleChoiceField(
        label=_("What it also tells"),
        choices=[(key, title) for key, (title, _tell) in PARTS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Tell what this person needs, and no more."),
    )

    def __init__(self, *args, relations, kind: str, **kwargs):
        kwargs.setdefault("initial", {"kind": kind, "parts": USUAL[kind]})
        super().__init__(*args, **kwargs)
        field = self.fields["relation"]
        field.queryset = relations
        field.label_from_instance = lambda r: f"{r.name} ({r.get_kind_display()})"
