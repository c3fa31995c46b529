"""Log-in and registration."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from serein_web.people.models import ContactBy, Patient, Register, Role, Shift, User
from serein_web.ui.forms import MomentField, SereinForm


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


class NewPasswordForm(SereinForm, SetPasswordForm):
    """A password, twice; the rules for it are those of the settings."""


class ChangePasswordForm(SereinForm, PasswordChangeForm):
    """The password of now, and another one, twice."""


class CodeForm(SereinForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off"}),
    )
    refused_title = _("You are not logged in yet")

    def say_wrong(self) -> None:
        self.add_error(
            "code", _("This code is not right, or was used before. Type the one that is shown now.")
        )


class AppCodeForm(CodeForm):
    """The first code of a new authenticator app."""

    refused_title = _("The app is not set up yet")


class PasskeyForm(SereinForm):
    """A new passkey: what its owner calls it, and what the browser made."""

    name = forms.CharField(
        label=_("What you call it"), max_length=60, help_text=_("Such as: my telephone, the blue key.")
    )
    credential = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)


def _pin_field(label: str, autocomplete: str) -> forms.CharField:
    shown = {"inputmode": "numeric", "autocomplete": autocomplete}
    return forms.CharField(label=label, max_length=20, widget=forms.PasswordInput(attrs=shown))


class PinForm(SereinForm):
    pin = _pin_field(_("PIN"), "new-password")
    again = _pin_field(_("The same PIN again"), "new-password")

    def clean(self):
        given = super().clean()
        if given.get("pin") and given.get("again") and given["pin"] != given["again"]:
            self.add_error("again", _("The two are not the same. Type both again."))
        return given


class UnlockForm(SereinForm):
    """Who is there, and their PIN; what was wrong is never said more exactly than that."""

    refused_title = _("The tablet is still locked")
    user = forms.ModelChoiceField(
        label=_("Who is there"), queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    pin = _pin_field(_("PIN"), "off")

    def __init__(self, *args, people, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        field.queryset = User.objects.filter(id__in=[u.id for u in people]).order_by(
            "first_name", "last_name"
        )
        field.label_from_instance = lambda user: user.name

    def say_wrong(self) -> None:
        self.add_error(
            "pin",
            _(
                "This is not right. After five wrong tries a PIN rests until its owner logs in with password or passkey."
            ),
        )


class RolesForm(SereinForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role, widget=forms.CheckboxSelectMultiple, required=False
    )


class InviteForm(RolesForm):
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=150, help_text=_("It becomes the username."))
    field_order = ("full_name", "email", "roles")


class ShiftForm(SereinForm):
    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("How"), choices=Shift.Kind, widget=forms.RadioSelect, initial="duty")
    starts_at = MomentField(label=_("From"), future=True)
    ends_at = MomentField(label=_("Until"), future=True)

    def __init__(self, *args, site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        field.queryset = (
            User.objects.filter(staff_roles__site=site, is_active=True).distinct().order_by("last_name")
        )
        field.label_from_instance = lambda user: user.name


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
    contact_by = forms.ChoiceField(
        label=_("May be written to by"),
        choices=ContactBy,
        required=False,
        help_text=_("As the patient has agreed. A message never says why they are treated."),
    )
    register = forms.ChoiceField(label=_("Tone of messages"), choices=Register, initial="warm")
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
