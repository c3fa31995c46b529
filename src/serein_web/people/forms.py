"""Log-in and registration."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient
from serein_web.ui.forms import SereinForm


class LogInForm(SereinForm, AuthenticationForm):
    """Username and password; what was wrong is never said more exactly than that."""

    refused_title = _("You are not logged in")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.error_messages["invalid_login"] = _(
            "The username and the password do not belong together. Please type both again; capital letters matter."
        )
        self.fields["username"].error_messages["required"] = _("Enter your username.")
        self.fields["password"].error_messages["required"] = _("Enter your password.")


class RegisterForm(SereinForm):
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    birth_date = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=Patient.Sex,
        initial="unknown",
        help_text=_("As used for clinical calculations."),
    )
    telephone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    identifier_system = forms.CharField(label=_("Identifier: issued by"), max_length=200, required=False)
    identifier_value = forms.CharField(label=_("Identifier: number"), max_length=200, required=False)

    def clean(self):
        given = super().clean()
        if bool(given.get("identifier_system")) != bool(given.get("identifier_value")):
            self.add_error("identifier_value", _("An identifier needs both: who issued it, and the number."))
        return given

    def identifiers(self) -> tuple[tuple[str, str], ...]:
        given = self.cleaned_data
        return (
            ((given["identifier_system"], given["identifier_value"]),) if given["identifier_system"] else ()
        )


class IdentifierForm(SereinForm):
    system = forms.CharField(label=_("Issued by"), max_length=200)
    value = forms.CharField(label=_("Number"), max_length=200)
