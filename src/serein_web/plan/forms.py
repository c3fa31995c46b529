"""What a plan asks for. A dose is typed with its unit, and nothing is repaired."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from serein import units
from serein.errors import Reason, Refusal, refuse
from serein.knowledge import Knowledge, route_for
from serein.knowledge.types import Product
from serein.pathway.plan import AsNeeded, Measured, Wish, parse_dose, protocols_for
from serein_web.courses.models import Course
from serein_web.people.models import Site
from serein_web.plan.queries import products_for
from serein_web.schedule.models import Chair
from serein_web.ui.forms import MomentField, QuantityField, ReasonField, SereinForm, refusal_error

# Not clinical limits: beyond them it is a typing mistake, and nothing can be computed or drawn.
SHORTEST_MIN, LONGEST_MIN = Decimal("0.1"), Decimal(24 * 60)
THINNEST_MG_PER_ML = Decimal("0.001")
LONGEST_D = Decimal(5 * 366)
BASIS_WORDS = {"actual": _("actual"), "ideal": _("ideal"), "adjusted": _("adjusted")}


class DoseField(QuantityField):
    """A dose with its unit; by weight or in mg where the product goes by weight, in mg where it does not."""

    def __init__(self, *, by_weight: bool, **kwargs: Any) -> None:
        super().__init__(unit="mg/kg" if by_weight else "mg", positive=True, **kwargs)
        self.by_weight = by_weight

    def parse(self, raw: str) -> units.Quantity:
        answer = parse_dose(raw, str(self.label), by_weight=self.by_weight)
        if isinstance(answer, Refusal):
            raise refusal_error(answer, str(self.label))
        return answer


def _example(products: list[Product], by_weight: bool) -> str:
    """How a dose is typed for these products."""
    if by_weight:
        return _("With its unit, such as 0.5 mg/kg.")
    strengths = [s for p in products for s in p.strengths]
    if not any(s.unit for s in strengths):
        return _("With its unit, such as 50 mg.")
    if {p.expressed_as for p in products} == {"base"} and len(strengths) == 1:
        return _("In whole devices, such as 56 mg.")
    return _("As the label counts it, in what can be counted out, such as 100 mg.")


class PlanForm(SereinForm):
    """The wish. Choices and first values come from the knowledge and the course."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    product_key = forms.ChoiceField(label=_("Product"))
    weight_basis = forms.ChoiceField(
        label=_("Weight that the dose goes by"), required=False, widget=forms.RadioSelect
    )
    follows = forms.ChoiceField(label=_("Follows the protocol"), required=False)
    strength = forms.ChoiceField(
        label=_("Strength"), required=False, help_text=_("As the label of the product says it.")
    )
    over = QuantityField(
        label=_("Given over"),
        unit="min",
        positive=True,
        low=SHORTEST_MIN,
        high=LONGEST_MIN,
        help_text=_("Such as 40 min."),
    )
    concentration = QuantityField(
        label=_("Concentration in the syringe or bag"),
        unit="mg/mL",
        positive=True,
        low=THINNEST_MG_PER_ML,
        help_text=_("After dilution, such as 1 mg/mL."),
    )
    sessions = forms.IntegerField(label=_("Sessions"), min_value=1, max_value=100)
    spacing = QuantityField(
        label=_("One every"), unit="h", positive=True, high=LONGEST_D * 24, help_text=_("Such as 84 h.")
    )
    series_over = QuantityField(
        label=_("All within"), unit="d", positive=True, high=LONGEST_D, help_text=_("Such as 21 days.")
    )
    as_needed = forms.CharField(
        label=_("Medicines as needed"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: medicine; dose; for what. Such as: ondansetron; 4 mg; nausea"),
    )
    valid_from = MomentField(label=_("Valid from"), future=True)
    valid_until = MomentField(label=_("Valid until"), future=True)

    def __init__(
        self,
        *args: Any,
        course: Course,
        knowledge: Knowledge,
        measured: Measured | Refusal | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.course, self.route = course, route_for(knowledge, course.route, course.product)
        self.products = products_for(course, knowledge)
        self.fields["product_key"].choices = [(p.key, p.text.title) for p in self.products]
        by_weight = any(g.per == "weight" for g in self.route.guardrails)
        self._dose_fields(by_weight)
        if self.route.given_as == "infusion":
            del self.fields["strength"]
        else:
            del self.fields["concentration"], self.fields["over"]
            self._strength_choices()
        self._weight_choices(measured if by_weight else None)
        self.beginnings = {
            f"{protocol.key}:{phase.key}": (protocol, phase)
            for product in self.products
            for protocol in protocols_for(product, self.route, knowledge)
            for phase in protocol.phases
        }
        self.fields["follows"].choices = [("", _("no protocol"))] + [
            (key, f"{protocol.text.title}: {phase.text.title}")
            for key, (protocol, phase) in self.beginnings.items()
        ]

    def _dose_fields(self, by_weight: bool) -> None:
        made = {
            "dose": DoseField(
                by_weight=by_weight, label=_("Dose"), help_text=_example(self.products, by_weight)
            ),
            "dose_low": DoseField(
                by_weight=by_weight,
                label=_("Lowest dose"),
                required=False,
                help_text=_("If the dose may be lowered between sessions."),
            ),
            "dose_high": DoseField(
                by_weight=by_weight,
                label=_("Highest dose"),
                required=False,
                help_text=_("If the dose may be raised between sessions."),
            ),
        }
        self.fields.update(made)
        self.order_fields(["seen", "follows", "product_key", "strength", "weight_basis", *made])

    def _strength_choices(self) -> None:
        """As the labels say it. Where every product has one strength there is nothing to choose."""
        if all(len(p.strengths) == 1 for p in self.products):
            del self.fields["strength"]
            return
        found: dict[str, list[str]] = {}
        for product in self.products:
            for strength in product.strengths:
                found.setdefault(strength.concentration, []).append(strength.unit)
        named = [(key, ", ".join(dict.fromkeys(filter(None, units)))) for key, units in found.items()]
        field = self.fields["strength"]
        field.choices = [("", _("Choose one")), *((key, f"{key} {of}".strip()) for key, of in named)]
        field.required = all(len(p.strengths) > 1 for p in self.products)

    def _weight_choices(self, measured: Measured | Refusal | None) -> None:
        if measured is None or isinstance(measured, Refusal) or not measured.weights.prescriber_picks:
            del self.fields["weight_basis"]
            return
        self.fields["weight_basis"].choices = [
            (name, f"{BASIS_WORDS[name]}: {units.show(kg)} kg")
            for name, kg in measured.weights.choices().items()
        ]

    def clean_as_needed(self) -> tuple[AsNeeded, ...]:
        found = []
        for line in self.cleaned_data["as_needed"].splitlines():
            if line.strip():
                found.append(self._as_needed(line))
        return tuple(found)

    def _as_needed(self, line: str) -> AsNeeded:
        label = str(self.fields["as_needed"].label)
        parts = [part.strip() for part in line.split(";")]
        if len(parts) != 3 or not all(parts):
            raise refusal_error(
                refuse(Reason.MISMATCH, label, line, next=_("Write: medicine; dose; for what.")), label
            )
        dose = units.parse(parts[1], label, "mg", positive=True)
        if isinstance(dose, Refusal):
            raise refusal_error(dose, label)
        return AsNeeded(parts[0], str(dose), parts[2])

    def wish(self) -> Wish:
        """The parsed wish; only after `is_valid`."""
        given = self.cleaned_data

        def said(name: str) -> str:
            return str(given.get(name) or "")

        return Wish(
            product_key=given["product_key"],
            route=self.course.route,
            dose=said("dose"),
            dose_low=said("dose_low"),
            dose_high=said("dose_high"),
            over=said("over"),
            concentration=said("concentration"),
            sessions=given["sessions"],
            spacing=said("spacing"),
            series_over=said("series_over"),
            weight_basis=said("weight_basis"),
            as_needed=given["as_needed"],
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            strength=said("strength"),
            protocol=said("follows").partition(":")[0],
            phase=said("follows").partition(":")[2],
        )


class SignForm(SereinForm):
    id = forms.UUIDField(widget=forms.HiddenInput)
    shown_digest = forms.CharField(widget=forms.HiddenInput)
    reason = ReasonField(
        label=_("Reason"),
        required=False,
        help_text=_("Needed where a recommended bound is crossed; it is kept with your name."),
    )


class RevokeForm(SereinForm):
    reason = ReasonField(label=_("Why is the order revoked?"))


class AdoptForm(SereinForm):
    site = forms.ModelChoiceField(queryset=Site.objects.none(), widget=forms.HiddenInput)
    protocol = forms.CharField(max_length=60, widget=forms.HiddenInput)
    shown_digest = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites


class BookForm(SereinForm):
    first = MomentField(label=_("First session"), future=True)
    chair = forms.ModelChoiceField(
        label=_("Chair"), queryset=Chair.objects.none(), required=False, empty_label=_("Not yet")
    )

    def __init__(self, *args: Any, chairs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = chairs
