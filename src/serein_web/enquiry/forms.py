"""What is asked at an enquiry: how to reach somebody, and nothing clinical."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient
from serein_web.ui.forms import ReasonField, SereinForm


class RequestForm(SereinForm):
    refused_title = _("Your request is not sent yet")

    id = forms.UUIDField(widget=forms.HiddenInput)
    given_name = forms.CharField(
        label=_("Given name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Please write your given name.")},
    )
    family_name = forms.CharField(
        label=_("Family name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Please write your family name.")},
    )
    telephone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("A telephone number or an e-mail address: one is enough."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    reach_by = forms.CharField(
        label=_("When and how may we reach you?"),
        max_length=200,
        required=False,
        help_text=_("For example: after 5 pm, by e-mail only. Please write nothing medical here."),
    )


class MatchForm(SereinForm):
    """Who asked is this patient, found by staff among those of the site."""

    patient = forms.ModelChoiceField(
        label=_("Patient"), queryset=Patient.objects.none(), empty_label=_("Choose")
    )

    def __init__(self, *args, patients, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["patient"].queryset = patients


class CloseForm(SereinForm):
    reason = ReasonField(label=_("Why is it closed?"), max_length=500)


class CourseForm(SereinForm):
    """What a new course is for."""

    indication = forms.CharField(label=_("What is to be treated"), max_length=200)
    product = forms.ChoiceField(
        label=_("Product"), choices=[("ketamine", _("ketamine")), ("esketamine", _("esketamine"))]
    )
    route = forms.ChoiceField(label=_("Route"), choices=())

    def __init__(self, *args, knowledge, **kwargs):
        super().__init__(*args, **kwargs)
        self.knowledge = knowledge
        self.fields["route"].choices = [(r.key, r.text.title) for r in knowledge.routes.values()]

    def clean(self):
        given = super().clean()
        route = self.knowledge.routes.get(given.get("route", ""))
        if route and given.get("product") not in route.products:
            self.add_error("route", _("This product is not given by this route. Choose another route."))
        return given
