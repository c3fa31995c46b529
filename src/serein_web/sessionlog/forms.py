"""One form a kind of entry. Each parses or refuses, and `body()` is the entry's body."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from serein.knowledge import Knowledge, route_for
from serein.knowledge.types import Fact, Route, Strength_
from serein.safety import Decision
from serein.units import Quantity
from serein_web.people.models import User
from serein_web.sessionlog.models import Session
from serein_web.ui.forms import MomentField, QuantityField, ReasonField, SereinForm

YES_NO = [("yes", _("yes")), ("no", _("no"))]
IDENTIFIERS = [
    ("name", _("name, said by the person")),
    ("date of birth", _("date of birth, said by the person")),
    ("record number", _("record number")),
    ("photograph", _("photograph or identity card")),
]
VITALS = ("systolic_pressure", "diastolic_pressure", "heart_rate", "oxygen_saturation", "respiratory_rate")
RATINGS = ("sedation_moaas", "dissociation_rating", "distress_rating", "nausea_rating")


class EntryForm(SereinForm):
    """What every entry has: the client's id, and the time if it was not just now."""

    kind = ""
    id = forms.UUIDField(widget=forms.HiddenInput)
    at = MomentField(label=_("Time, if not now"), required=False)
    field_order: Any = None

    def __init__(self, *args: Any, session: Session, knowledge: Knowledge, **kwargs: Any) -> None:
        self.session, self.knowledge = session, knowledge
        super().__init__(*args, **kwargs)
        self.order_fields([n for n in self.fields if n != "at"] + ["at"])

    def body(self) -> dict[str, Any]:
        """The entry's body: empty answers are left out, quantities are in the unit that the body names."""
        given = {k: v for k, v in self.cleaned_data.items() if k not in {"id", "at"} and v not in (None, "")}
        return {k: self._plain(k, v) for k, v in given.items()}

    def _plain(self, name: str, value: Any) -> Any:
        if isinstance(value, Quantity):
            return float(value.to(self.fields[name].unit))  # type: ignore[attr-defined]
        return value.isoformat() if hasattr(value, "isoformat") else value


class CheckInForm(EntryForm):
    kind = "check-in"
    identifiers = forms.MultipleChoiceField(
        label=_("Checked against the order"),
        choices=IDENTIFIERS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At least two."),
    )


class SettingsReadForm(EntryForm):
    """What I read from label, syringe and pump. A second person reads and enters it on their own log-in."""

    kind = "settings-read"
    product = forms.ChoiceField(
        label=_("Product on the label"),
        choices=[("ketamine", _("ketamine")), ("esketamine", _("esketamine"))],
    )
    dose_mg = QuantityField(label=_("Dose"), unit="mg", positive=True, help_text=_("With its unit: 35 mg."))
    concentration_mg_per_ml = QuantityField(
        label=_("Concentration"), unit="mg/mL", unit_on_page=True, positive=True, required=False
    )
    volume_ml = QuantityField(
        label=_("Volume to be given"), unit="mL", unit_on_page=True, positive=True, required=False
    )
    pump_ml_per_h = QuantityField(
        label=_("Rate on the pump"), unit="mL/h", unit_on_page=True, positive=True, required=False
    )
    units = forms.FloatField(
        label=_("How many"), min_value=0.1, required=False, help_text=_("Devices, sprays, lozenges …")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        route, strengths = _given_by(self.session, self.knowledge)
        if route.given_as != "infusion":
            del self.fields["pump_ml_per_h"]
        if route.given_as != "infusion" and all(s.unit for s in strengths):
            del self.fields["concentration_mg_per_ml"], self.fields["volume_ml"]
        if route.given_as == "infusion" or not any(s.unit for s in strengths):
            del self.fields["units"]


def _given_by(session: Session, knowledge: Knowledge) -> tuple[Route, list[Strength_]]:
    """The route of a session and every strength that may be given by it."""
    products = knowledge.products.values()
    strengths = [
        s
        for p in products
        if p.substance == session.product and session.route in p.routes
        for s in p.strengths
    ]
    return route_for(knowledge, session.route, session.product), strengths


class DosingStartForm(EntryForm):
    kind = "dosing-start"
    charted_late = forms.CharField(
        label=_("Why it is charted only now"),
        help_text=_(
            "Only for a dose that has begun already. It is recorded, not permitted: a prescriber is told."
        ),
        max_length=500,
        required=False,
    )


class DoseGivenForm(EntryForm):
    kind = "dose-given"
    mg = QuantityField(label=_("Given"), unit="mg", positive=True, help_text=_("With its unit: 28 mg."))
    what = forms.ChoiceField(label=_("How"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _route, strengths = _given_by(self.session, self.knowledge)
        units = dict.fromkeys(s.unit or "bolus" for s in strengths)
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (unit, _("bolus") if unit == "bolus" else unit) for unit in units
        ]


class RateChangeForm(EntryForm):
    kind = "rate-change"
    rate_mg_per_h = QuantityField(
        label=_("New rate"), unit="mg/h", positive=True, help_text=_("With its unit: 40 mg/h.")
    )
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)


class PauseForm(EntryForm):
    kind = "pause"
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)


class ResumeForm(EntryForm):
    kind = "resume"
    rate_mg_per_h = QuantityField(
        label=_("Rate, if another than before"), unit="mg/h", positive=True, required=False
    )


class DosingStopForm(EntryForm):
    kind = "dosing-stop"
    how = forms.ChoiceField(
        label=_("How it ended"),
        widget=forms.RadioSelect,
        choices=[
            ("completed", _("completed")),
            ("aborted", _("stopped for the patient's sake")),
            ("part-given", _("part of the dose given")),
        ],
    )
    reason = forms.CharField(
        label=_("Why, unless completed; it may follow later"), max_length=500, required=False
    )


class ObservationForm(EntryForm):
    """Readings and answers: one field a fact, all in one form. `facts` are the keys to ask."""

    kind = "observation"

    def __init__(
        self, *args: Any, knowledge: Knowledge, facts: tuple[str, ...] = VITALS, **kwargs: Any
    ) -> None:
        super().__init__(*args, knowledge=knowledge, **kwargs)
        asked = [k for k in facts if k in knowledge.facts and knowledge.facts[k].derived is None]
        together = {key: place for place, key in enumerate((*VITALS, *RATINGS))}
        self.facts = tuple(sorted(asked, key=lambda k: together.get(k, len(together))))
        for key in self.facts:
            self.fields[key] = field_of(knowledge.facts[key])
        self.order_fields([*self.facts, "at"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given.get(k) not in (None, "") for k in self.facts):
            raise forms.ValidationError(_("There is no reading here. Enter at least one."))
        return given

    def body(self) -> dict[str, Any]:
        return {"values": {k: self._value(v) for k, v in super().body().items()}}

    @staticmethod
    def _value(value: Any) -> Any:
        return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def field_of(fact: Fact) -> forms.Field:
    """The field that asks for a fact, with its unit and plausible range. Never required: one may be charted alone."""
    common: dict[str, Any] = {"label": fact.text.ask, "help_text": fact.text.help, "required": False}
    if fact.type == "number":
        low, high = fact.plausible or (None, None)
        return QuantityField(unit=fact.unit or "{count}", unit_on_page=True, low=low, high=high, **common)
    choices = YES_NO if fact.type == "flag" else [(c, c) for c in fact.choices]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


class SymptomForm(EntryForm):
    kind = "symptom"
    term = forms.CharField(label=_("What happened"), max_length=200)
    grade = forms.TypedChoiceField(
        label=_("Grade (CTCAE)"),
        coerce=int,
        choices=[
            (1, _("1 mild")),
            (2, _("2 moderate")),
            (3, _("3 severe")),
            (4, _("4 life-threatening")),
            (5, _("5 death")),
        ],
    )
    onset = MomentField(label=_("Began"))
    end = MomentField(label=_("Ended"), required=False)
    action = forms.CharField(label=_("What was done"), max_length=500, required=False)


class AdministrationForm(EntryForm):
    """One container: what was drawn is given or wasted, before a witness."""

    kind = "administration"
    product = forms.CharField(label=_("Product and strength"), max_length=200)
    container = forms.CharField(label=_("Container"), max_length=100)
    lot = forms.CharField(label=_("Lot"), max_length=60)
    expiry = forms.DateField(label=_("Expiry"), widget=forms.DateInput(attrs={"type": "date"}))
    drawn_mg = QuantityField(label=_("Drawn"), unit="mg", unit_on_page=True)
    given_mg = QuantityField(label=_("Given"), unit="mg", unit_on_page=True)
    wasted_mg = QuantityField(label=_("Wasted"), unit="mg", unit_on_page=True)
    witness = forms.ModelChoiceField(
        label=_("Witness"), queryset=User.objects.none(), empty_label=_("Choose a colleague")
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, session=session, **kwargs)
        field = self.fields["witness"]
        field.queryset = (  # type: ignore[attr-defined]
            User.objects.filter(
                staff_roles__site=session.site_id, staff_roles__role__in=["nurse", "prescriber"]
            )
            .distinct()
            .order_by("last_name")
        )
        field.label_from_instance = lambda user: user.name  # type: ignore[attr-defined]

    def body(self) -> dict[str, Any]:
        given = super().body()
        witness = given.pop("witness")
        return given | {"witness": str(witness.id), "witness_name": witness.name}


class NoteForm(EntryForm):
    kind = "note"
    text = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AcknowledgeForm(EntryForm):
    kind = "alarm-acknowledged"
    alarm = forms.CharField(max_length=40, widget=forms.HiddenInput)


class EscortForm(EntryForm):
    kind = "escort"
    name = forms.CharField(label=_("Escort's name"), max_length=200)
    relation = forms.CharField(label=_("Relation and telephone"), max_length=200, required=False)
    arrived = forms.BooleanField(label=_("The escort is here"), required=False)


class InstructionsForm(EntryForm):
    kind = "instructions-given"
    what = forms.CharField(
        label=_("What was given and explained"),
        max_length=500,
        initial=_("Written after-care sheet, gone through together"),
    )


class OverrideForm(EntryForm):
    """A prescriber's decision to go on in spite of one finding, as it stands when the form is shown."""

    kind = "override"

    @staticmethod
    def of(decision: Decision, rule: str) -> dict[str, str]:
        """What the form holds for a finding of this decision; nothing if the rule no longer stands in the way."""
        finding = next((f for f in decision.findings if f.rule == rule), None)
        names = ("rule", "digest", "state", "grounds")
        return {n: getattr(finding, n) for n in names} if finding is not None else {}

    rule = forms.CharField(max_length=100, widget=forms.HiddenInput)
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    state = forms.CharField(max_length=10, widget=forms.HiddenInput)
    grounds = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class RetractForm(EntryForm):
    kind = "retracted"
    reason = ReasonField(label=_("Why should it not be there?"))


FORMS: dict[str, type[EntryForm]] = {
    form.kind: form
    for form in (
        CheckInForm,
        SettingsReadForm,
        DosingStartForm,
        DoseGivenForm,
        RateChangeForm,
        PauseForm,
        ResumeForm,
        DosingStopForm,
        ObservationForm,
        SymptomForm,
        AdministrationForm,
        NoteForm,
        AcknowledgeForm,
        EscortForm,
        InstructionsForm,
        OverrideForm,
    )
}
"""The kinds that people chart, each with its form."""
