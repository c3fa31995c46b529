"""Booking."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.schedule.models import Appointment, Chair
from serein_web.ui.forms import MomentField, SereinForm


class BookForm(SereinForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Appointment.Kind)
    starts_at = MomentField(label=_("Starts"), future=True)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=600, initial=60)
    chair = forms.ModelChoiceField(
        label=_("Chair"), queryset=Chair.objects.none(), required=False, empty_label=_("no chair")
    )

    def __init__(self, *args, chairs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = chairs
