"""The ground of every form: parse or refuse, keep what was typed, say what, why and what next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from serein import units
from serein.errors import Reason, Refusal, refuse

from .refusals import say
from .templatetags.serein import unit_name

FUTURE_TOLERANCE = timedelta(minutes=2)  # clocks of tablets and servers differ; more than this is a mistake
EARLIEST_YEAR, LATEST_YEAR = (
    1900,
    2200,
)  # outside them it is a typing mistake, and no clock of a site can show it
LOCAL_FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


class SereinRenderer(DjangoTemplates):
    """Draws forms with the templates of this app."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


class SereinForm(forms.Form):
    """A form in Serein's look: error summary first, then each field with its label, help, refusal, input.

    `{{ form }}` draws all of it inside the page's own <form>; `{{ form.weight.as_field_group }}` one field.
    """

    default_renderer = SereinRenderer()
    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        # The page says what is wrong in its own words; the browser's bubble is gone before it is read.
        self.use_required_attribute = False
        for field in self.fields.values():
            _say_requirement(field)

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the core at the field that it names, else at the top of the form."""
        add_refusal(self, refusal)


def _say_requirement(field: forms.Field) -> None:
    """The project's own sentence for an empty field, unless the form gave one."""
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = _("This is missing. Enter it, or say that it is not known.")


def refusal_error(refusal: Refusal, label: str | None = None) -> ValidationError:
    """The refusal as a form error: its code is the reason, its text what, why and next."""
    said = say(refusal, label)
    # As params, so that a percent sign in what was typed is not taken for a format.
    return ValidationError(
        "%(why)s %(next)s", code=refusal.reason.value, params={"why": said.why, "next": said.next_step}
    )


def add_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put `refusal` at the form's field of that name or label; where there is none, at the form itself."""
    name = field_named(form, refusal.field)
    label = form.fields[name].label or name.replace("_", " ") if name else None
    form.add_error(name, refusal_error(refusal, label))


def field_named(form: forms.Form, words: str) -> str | None:
    """The form field that a refusal's `field` means: by name, else by label, ignoring case and punctuation."""
    wanted = _plain(words)
    for name, field in form.fields.items():
        if wanted in {_plain(name), _plain(str(field.label or ""))}:
            return name
    return None


def _plain(words: str) -> str:
    return slugify(words.replace("_", "-").replace(".", "-"))


class QuantityField(forms.CharField):
    """A number with its unit, as `serein.units.Quantity`; anything else is refused and stays as typed.

    `unit`: the unit that is wanted; it names the dimension. `unit_on_page=True` prints the unit beside the
    input, and a bare number is then in that unit (readings, weight); without it the unit must be typed
    (doses). `low`, `high`: plausible limits in `unit`, from the knowledge; outside them is refused.
    """

    def __init__(
        self,
        *,
        unit: str,
        unit_on_page: bool = False,
        positive: bool = False,
        low: Decimal | None = None,
        high: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        self.unit, self.unit_on_page, self.positive, self.low, self.high = (
            unit,
            unit_on_page,
            positive,
            low,
            high,
        )
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")
        if unit_on_page:
            self.widget.attrs.setdefault("inputmode", "decimal")

    @property
    def unit_shown(self) -> str:
        """The unit to print beside the input, or nothing."""
        return unit_name(self.unit) if self.unit_on_page else ""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, units.Quantity):
            if self.unit_on_page and value.unit == self.unit:
                return units.show(value.value)
            return str(value)
        return value

    def clean(self, value: Any) -> units.Quantity | None:
        raw = super().clean(value)
        return self.parse(raw) if raw else None

    def parse(self, raw: str) -> units.Quantity:
        """The quantity, or ValidationError with the refusal's words."""
        label = str(self.label or gettext("This value"))
        bare = isinstance(units.number(raw, label), Decimal)
        text = f"{raw} {self.unit}" if self.unit_on_page and bare else raw
        answer = units.parse(text, label, self.unit, positive=self.positive)
        if isinstance(answer, units.Quantity):
            answer = self._within(answer, label, raw)
        if isinstance(answer, Refusal):
            raise refusal_error(answer, label)
        return answer

    def _within(self, quantity: units.Quantity, label: str, raw: str) -> units.Quantity | Refusal:
        value = quantity.to(self.unit)
        if (self.low is None or value >= self.low) and (self.high is None or value <= self.high):
            return quantity
        return refuse(
            Reason.OUT_OF_RANGE,
            label,
            raw,
            low="…" if self.low is None else f"{units.show(self.low)} {self.unit}",
            high="…" if self.high is None else f"{units.show(self.high)} {self.unit}",
        )


class MomentField(forms.CharField):
    """A moment on the site's wall clock, as an aware UTC datetime.

    The site's time zone is Django's current one; a time with Z or an offset is taken as written. More than two minutes in the future is refused unless
    `future=True`; so is an hour that the clock change leaves out or has twice.
    """

    def __init__(self, *, future: bool = False, **kwargs: Any) -> None:
        self.future = future
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
        return value

    def clean(self, value: Any) -> datetime | None:
        raw = super().clean(value)
        return self.parse(raw) if raw else None

    def parse(self, raw: str) -> datetime:
        """The moment, or ValidationError with the refusal's words."""
        label = str(self.label or gettext("This time"))
        try:
            written = _with_offset(raw)
        except OverflowError:
            raise refusal_error(refuse(Reason.NOT_A_TIME, label, raw), label) from None
        if written is not None and EARLIEST_YEAR <= written.year < LATEST_YEAR:
            return self._not_future(written, label)
        local = _local(raw)
        if local is None or not EARLIEST_YEAR <= local.year < LATEST_YEAR:
            raise refusal_error(refuse(Reason.NOT_A_TIME, label, raw), label)
        zone = timezone.get_current_timezone()
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local:
            raise ValidationError(
                _(
                    "%(time)s does not exist on that day: the clocks went forward. Enter the time on the clock."
                ),
                code=Reason.NOT_A_TIME.value,
                params={"time": raw},
            )
        if local.replace(tzinfo=zone, fold=1).astimezone(UTC) != moment:
            raise ValidationError(
                _("%(time)s came twice on that day: the clocks went back. Write it with Z or its offset."),
                code=Reason.NOT_A_TIME.value,
                params={"time": raw},
            )
        return self._not_future(moment, label)

    def _not_future(self, moment: datetime, label: str) -> datetime:
        if not self.future and moment > timezone.now() + FUTURE_TOLERANCE:
            shown = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
            raise refusal_error(refuse(Reason.IN_THE_FUTURE, label, shown), label)
        return moment


def _with_offset(raw: str) -> datetime | None:
    """A time written with Z or an offset, which means one moment on every day of the year."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _local(raw: str) -> datetime | None:
    for pattern in LOCAL_FORMATS:
        try:
            return datetime.strptime(raw, pattern)  # noqa: DTZ007 - a wall-clock time; its zone is the site's
        except ValueError:
            continue
    return None


class ReasonField(forms.CharField):
    """A reason in words, kept with the name of who gave it: at least five characters, never blank."""

    SHORTEST = 5

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)
        self.error_messages["required"] = _(
            "A reason is needed. Write it in a sentence; it is kept with your name."
        )

    def clean(self, value: Any) -> str:
        raw = super().clean(value)
        if raw and len(raw) < self.SHORTEST:
            raise refusal_error(refuse(Reason.NEEDS_REASON, str(self.label), raw), str(self.label))
        return raw
