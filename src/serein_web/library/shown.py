"""What the templates show: words for the kinds of evidence, and pictures as paths."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from serein import units
from serein.knowledge.figures import MINUS, Figure
from serein.knowledge.pages import Picture
from serein.knowledge.types import Evidence, Result
from serein_web.ui.templatetags.serein import unit_name

KINDS: dict[str, Promise] = {
    "randomised trial": _("randomised trial"),
    "open study": _("study without a control group"),
    "cohort": _("records of treated people"),
    "survey": _("survey"),
    "review": _("review of studies"),
    "label or regulator": _("label or authority"),
    "scale or method": _("scale or method"),
    "other": _("other"),
}
DISORDERS: dict[str, Promise] = {
    "generalised anxiety": _("generalised anxiety"),
    "social anxiety": _("social anxiety"),
    "panic": _("panic"),
    "phobia": _("phobia"),
    "anxiety disorders": _("anxiety disorders together"),
    "obsessive-compulsive": _("obsessive-compulsive disorder"),
    "post-traumatic stress": _("post-traumatic stress"),
    "depression": _("depression"),
}
GRADES: dict[str, Promise] = {
    "high": _("very sure"),
    "moderate": _("fairly sure"),
    "low": _("unsure"),
    "very low": _("very unsure"),
}
GRADED: dict[str, Promise] = {
    "own reading": _("our own reading, checked by nobody yet"),
    "as published": _("as published"),
}
CHECKED: dict[str, Promise] = {
    "full text read": _("full text read"),
    "abstract read": _("abstract read"),
    "label read": _("label read"),
    "secondary source read": _("secondary source read"),
    "code port read": _("program code read"),
    "not checked": _("not checked"),
}
GROUPS: dict[str, Promise] = {
    "anxiety": _("Anxiety and its usual treatment"),
    "ketamine": _("Ketamine"),
    "safety": _("Safety"),
    "deciding": _("Deciding"),
}
VERDICTS: dict[str, Promise] = {
    "wrong": _("Wrong"),
    "half right": _("Half right"),
    "roughly fair": _("Roughly fair"),
    "overstated": _("Overstated"),
    "misleading": _("Misleading"),
    "not shown": _("Not shown"),
}

DOTS, STEP = 10, 10
"""A picture has ten rows of ten dots, ten units apart. A dot is a dash of no length with a round end."""


@dataclass(frozen=True)
class People:
    """100 people as dots: the path of those whom it concerns, the path of the others."""

    figure: Figure
    where: str
    on: str
    off: str


@dataclass(frozen=True)
class PictureRow:
    label: str
    sides: tuple[People, ...]


def picture(of: Picture) -> list[PictureRow]:
    rows = []
    for row in of.rows:
        sides = [people(row.with_it, of.with_it)]
        if row.without_it:
            sides.append(people(row.without_it, of.without_it))
        rows.append(PictureRow(row.label, tuple(sides)))
    return rows


def people(figure: Figure, where: str) -> People:
    """So many of 100, rounded to whole people; the words beside the picture say the number as it was read."""
    count = round(figure.value)
    on = [_line(row, 0, min(DOTS, count - row * DOTS)) for row in range(DOTS) if count > row * DOTS]
    off = [_line(row, max(0, count - row * DOTS), DOTS) for row in range(DOTS) if count < (row + 1) * DOTS]
    return People(figure, where, "".join(on), "".join(off))


def _line(row: int, first: int, end: int) -> str:
    """Dots `first` to `end` (not included) of a row; the line is a hair longer, so that its last dot is drawn."""
    y = row * STEP + STEP // 2
    return f"M{first * STEP + STEP // 2} {y}H{(end - 1) * STEP + STEP // 2}.1"


def value(result: Result) -> str:
    """A result as one line: value, interval, and the comparison."""
    text = _number(result.value, result.unit)
    if result.low is not None and result.high is not None:
        text += f" ({_number(result.low)} – {_number(result.high)})"
    return text


def _number(number: float, unit: str = "") -> str:
    text = units.show(number).replace("-", MINUS)
    name = unit_name(unit, Decimal(str(number)))
    return f"{text}\N{NO-BREAK SPACE}{name}" if name else text


def versus(result: Result) -> str:
    return "" if result.versus is None else _number(result.versus, result.unit)


def surest_first(source: Evidence) -> tuple[int, str]:
    """Sort key: trials before what has no control group, then by name."""
    order = ["randomised trial", "review", "open study", "cohort", "survey"]
    return (order.index(source.kind) if source.kind in order else len(order), source.key)
