"""Filters that say numbers and times as Serein says them. `{% load serein %}`."""

from __future__ import annotations

import json as json_
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from serein.units import Quantity, show

register = template.Library()

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
# A unit code as a reader knows it; a unit that is not here is shown as it is written.
UNIT_NAMES = {"Cel": "°C", "kg/m2": "kg/m²", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "{score}": ""}


def unit_name(unit: str, value: Decimal | None = None) -> str:
    """The unit's name on a page. Days, weeks and years are words, singular where the value is one."""
    one = 1 if value == 1 else 2
    if unit == "d":
        return ngettext("day", "days", one)
    if unit == "wk":
        return ngettext("week", "weeks", one)
    if unit == "a":
        return ngettext("year", "years", one)
    return UNIT_NAMES.get(unit, unit)


@register.filter
def quantity(value: Any, unit: str = "") -> str:
    """`{{ dose|quantity }}` of a Quantity, or `{{ 0.50|quantity:"mg" }}` → "0.5 mg". Nothing → "–".

    Leading zero, no trailing zero, a space that does not break between number and unit (ISMP).
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, Quantity):
        number, unit = value.value, value.unit
    else:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    name = unit_name(unit, number)
    if not name:
        return show(number)
    return f"{show(number)}{name}" if name == "%" else f"{show(number)}{NO_BREAK_SPACE}{name}"


@register.filter
def number(value: Any) -> str:
    """A number by the same rules, without a unit."""
    return quantity(value)


@register.filter
def tel(number: str) -> str:
    """A telephone number as a link dials it: `href="tel:{{ number|tel }}"`."""
    return "".join(c for c in number if c.isdigit() or c in "+*#,;")


@register.filter
def written(text: str) -> str:
    """ "84 h" or "21 d" of a stored order as a reader knows it: "84 h", "21 days"."""
    number, _space, unit = text.partition(" ")
    return quantity(number, unit) if number.replace(".", "", 1).isdigit() else text


@register.filter
def known_as(system: str) -> str:
    """Whose number an identifier is. A code for machines is no name: then it is the record number."""
    return gettext("Record number") if ":" in system else system


@register.filter
def clock(at: datetime | None) -> str:
    """Wall-clock time at the site, "14:05"."""
    return timezone.localtime(at).strftime("%H:%M") if at else "–"


@register.filter
def date_long(at: date | datetime | None) -> str:
    """ "Sunday 22 November 2026", in the reader's language, at the site's time zone."""
    if not at:
        return "–"
    if isinstance(at, datetime):
        at = timezone.localtime(at).date()
    return date_format(at, "l j F Y")


@register.filter
def date_short(at: date | datetime | None) -> str:
    """ "22 Nov 2026"."""
    if not at:
        return "–"
    if isinstance(at, datetime):
        at = timezone.localtime(at).date()
    return date_format(at, "j M Y")


@register.filter
def minutes(span: timedelta | int | float | None) -> str:
    """A span (timedelta, or seconds) as people say it: "40 min", "2 h 5 min"."""
    if span is None:
        return "–"
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    whole = int(abs(seconds) // 60)
    hours, rest = divmod(whole, 60)
    sign = "−" if seconds <= -60 else ""
    if hours == 0:
        return f"{sign}{rest}{NO_BREAK_SPACE}min"
    text = f"{sign}{hours}{NO_BREAK_SPACE}h"
    return f"{text} {rest}{NO_BREAK_SPACE}min" if rest else text


@register.filter
def ago(at: datetime | None) -> str:
    """ "12 minutes ago", "in 3 days", "just now"."""
    if not at:
        return "–"
    seconds = (timezone.now() - at).total_seconds()
    amount, words = _spoken(abs(seconds))
    if not words:
        return gettext("just now")
    if seconds < 0:
        return gettext("in %(span)s") % {"span": words % {"n": amount}}
    return gettext("%(span)s ago") % {"span": words % {"n": amount}}


def _spoken(seconds: float) -> tuple[int, str]:
    whole = int(seconds // 60)
    if whole < 1:
        return 0, ""
    if whole < 60:
        return whole, ngettext("%(n)d minute", "%(n)d minutes", whole)
    hours = whole // 60
    if hours < 36:
        return hours, ngettext("%(n)d hour", "%(n)d hours", hours)
    days = round(seconds / 86400)
    if days < 60:
        return days, ngettext("%(n)d day", "%(n)d days", days)
    months = round(days / 30.44)
    if months < 24:
        return months, ngettext("%(n)d month", "%(n)d months", months)
    years = int(days // 365.25)
    return years, ngettext("%(n)d year", "%(n)d years", years)


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """`{% moment at %}` → "12 minutes ago, 14:05", kept fresh by serein.js; older than a day: with its date."""
    if not at:
        return "–"
    day = abs(timezone.now() - at) >= timedelta(hours=20)
    shown = f"{date_short(at)} {clock(at)}" if day else clock(at)
    return format_html(
        '<time datetime="{}" data-relative data-now="{}">{}</time>, <span class="nowrap">{}</span>',
        at.isoformat(),
        gettext("just now"),
        ago(at),
        shown,
    )


@register.simple_tag
def countdown(at: datetime | None) -> SafeString | str:
    """`{% countdown due %}` → time left to `at`, counted on by serein.js; "overdue" once it has passed."""
    if not at:
        return "–"
    seconds = int((at - timezone.now()).total_seconds())
    left, rest = divmod(abs(seconds), 60)
    hours, left = divmod(left, 60)
    text = f"{hours}:{left:02d}:{rest:02d}" if hours else f"{left}:{rest:02d}"
    word = gettext("overdue")
    late = seconds < 0
    return format_html(
        '<time class="countdown{}" datetime="{}" data-countdown data-overdue="{}">{}</time>',
        " overdue" if late else "",
        at.isoformat(),
        word,
        f"{word} {text}" if late else text,
    )


@register.filter
def json(value: Any) -> str:
    """A value as JSON for a data attribute; the template escapes it."""
    return json_.dumps(value, ensure_ascii=False, default=str)


@register.simple_tag
def printed_now() -> str:
    """When this page was made, for the head of a print: "22 Nov 2026 14:05"."""
    now = timezone.now()
    return f"{date_short(now)} {clock(now)}"


@register.simple_tag
def now_iso() -> str:
    """The server's clock, so that countdowns do not trust the tablet's."""
    return timezone.now().isoformat()
