"""A form field for a fact, made from what the knowledge says of it: a new fact needs no new form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.knowledge.types import Fact
from serein.units import Quantity
from serein_web.ui.forms import QuantityField

FLAG = [("yes", _("yes")), ("no", _("no")), ("", _("not known"))]


def field_for(fact: Fact, *, required: bool = False) -> forms.Field:
    """The field by which a person answers this fact. Left empty it says nothing: the fact stays as it is."""
    words: dict[str, Any] = {"label": fact.text.ask, "help_text": fact.text.help, "required": required}
    if fact.type == "flag":
        return forms.ChoiceField(choices=FLAG, widget=forms.RadioSelect, **words)
    if fact.type == "number":
        low, high = fact.plausible or (None, None)
        return QuantityField(
            unit=fact.unit or "",
            unit_on_page=True,
            low=None if low is None else Decimal(str(low)),
            high=None if high is None else Decimal(str(high)),
            **words,
        )
    choices = [(c, c.replace("_", " ")) for c in fact.choices]
    if fact.type == "choice":
        return forms.ChoiceField(choices=[("", _("not known")), *choices], **words)
    if fact.type == "set":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **words)
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **words)


def value_of(fact: Fact, cleaned: Any) -> Any:
    """What was answered, as the record keeps it; None if nothing was."""
    if cleaned in (None, "", []):
        return None
    if fact.type == "flag":
        return cleaned == "yes"
    if isinstance(cleaned, Quantity):
        return float(cleaned.to(fact.unit or ""))
    if fact.type == "date":
        return cleaned.isoformat()
    return list(cleaned) if fact.type == "set" else cleaned


def answers(form: forms.Form, facts: dict[str, Fact]) -> dict[str, Any]:
    """Every fact that the form answered, by its key."""
    given = {
        key: value_of(fact, form.cleaned_data.get(key)) for key, fact in facts.items() if key in form.fields
    }
    return {key: value for key, value in given.items() if value is not None}
