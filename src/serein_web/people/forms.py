"""Log-in and registration."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import Patient, Role
from serein_web.ui.forms import SereinForm


class LogInForm(SereinForm, AuthenticationForm):
    """Username and password; what was wrong is never said more exactly than that."""


class NewPasswordForm(SereinForm, SetPasswordForm):
    """A password, twice; the rules for it are those of the settings."""


class RolesForm(SereinForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role, widget=forms.CheckboxSelectMultiple, required=False
    )


class InviteForm(RolesForm):
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=150, help_text=_("It becomes the username."))
    field_order = ("full_name", "email", "roles")


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
