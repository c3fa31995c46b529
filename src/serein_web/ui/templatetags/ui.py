"""Words and shapes for states, and the parts of the page frame that need no context. `{% load ui %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from serein.pathway import STAGES
from serein_web.ui.refusals import Said, say

register = template.Library()

ACTION_WORDS = {
    "exclude": _("Exclude"),
    "refer": _("Refer"),
    "hold": _("Hold"),
    "stop": _("Stop"),
    "caution": _("Caution"),
    "inform": _("Inform"),
}
ACTION_SHAPES = {
    "exclude": "octagon",
    "refer": "diamond",
    "hold": "pause",
    "stop": "stop",
    "caution": "triangle",
    "inform": "circle",
}
CONCLUSION_WORDS = {
    "exclude": _("Exclude"),
    "refer": _("Refer"),
    "stop": _("Stop"),
    "hold": _("Hold"),
    "incomplete": _("Not complete yet"),
    "eligible": _("Eligible"),
}
CONCLUSION_SHAPES = {
    "exclude": "octagon",
    "stop": "stop",
    "hold": "pause",
    "refer": "diamond",
    "incomplete": "unknown",
    "eligible": "check",
}
STATE_WORDS = {"fires": _("applies"), "unknown": _("not known yet"), "overridden": _("overridden")}
STRENGTH_WORDS = {
    "absolute": _("absolute rule"),
    "relative": _("relative rule"),
    "caution": _("caution"),
    "note": _("note"),
}
BASIS_WORDS = {
    "label": _("product label"),
    "guideline": _("guideline"),
    "trial": _("trial"),
    "practice": _("practice"),
    "assumption": _("assumption: no source found"),
}
PRIORITY_WORDS = {"high": _("High"), "medium": _("Medium"), "low": _("Low")}
PRIORITY_SHAPES = {"high": "alarm-high", "medium": "alarm-medium", "low": "alarm-low"}
ALARM_STATE_WORDS = {
    "active": _("sounding"),
    "silenced": _("silenced, not yet seen by anyone"),
    "acknowledged": _("acknowledged, still present"),
    "resolved": _("resolved"),
}
STAGE_WORDS = {
    "enquiry": _("Enquiry"),
    "screening": _("Screening"),
    "consent": _("Consent"),
    "plan": _("Plan"),
    "session": _("Session"),
    "recovery": _("Recovery"),
    "followup": _("Follow-up"),
    "outcomes": _("Outcomes"),
}
DIRECTION_WORDS = {"up": _("rising"), "down": _("falling"), "steady": _("steady")}

WORDS: dict[str, dict[str, Promise]] = {
    "action": ACTION_WORDS,
    "conclusion": CONCLUSION_WORDS,
    "state": STATE_WORDS,
    "strength": STRENGTH_WORDS,
    "basis": BASIS_WORDS,
    "priority": PRIORITY_WORDS,
    "alarm": ALARM_STATE_WORDS,
    "stage": STAGE_WORDS,
    "direction": DIRECTION_WORDS,
}
SHAPES = {"action": ACTION_SHAPES, "conclusion": CONCLUSION_SHAPES, "priority": PRIORITY_SHAPES}


@register.filter
def word(value: Any, kind: str) -> Promise | str:
    """`{{ finding.action|word:"action" }}`: the word people read for a stored value; the value itself if new."""
    return WORDS[kind].get(str(value), str(value))


@register.filter
def shape(value: Any, kind: str) -> str:
    """`{% include "ui/shape.html" with shape=finding.action|shape:"action" %}`: the shape of a stored value."""
    return SHAPES[kind].get(str(value), "circle")


@register.filter
def said(refusal: Any) -> Said:
    """A `Refusal` in the reader's language: `{{ refusal|said }}`, or its `.why` and `.next_step`."""
    return say(refusal)


@register.simple_tag
def demo_site() -> bool:
    """Whether every person here is invented. Read from the settings, so that an error page shows it too."""
    return bool(getattr(settings, "SEREIN_DEMO", False))


@register.simple_tag(takes_context=True)
def crisis_numbers(context: dict) -> list[dict]:
    """The country's crisis lines: those of the page, else of its request, else, where there is neither, the settings'."""
    request = context.get("request")
    return (
        context.get("crisis_lines")
        or getattr(request, "crisis_lines", None)
        or getattr(settings, "SEREIN_CRISIS_LINES", [])
    )


@register.inclusion_tag("ui/stages.html")
def stages(current: str, links: dict[str, str] | None = None) -> dict:
    """`{% stages course.stage links %}`: the eight words with the current one marked; `links` maps stage to url."""
    order = [str(stage) for stage in STAGES]
    here = order.index(str(current))
    return {
        "stages": [
            {
                "name": stage,
                "label": STAGE_WORDS.get(stage, stage),
                "url": (links or {}).get(stage),
                "done": place < here,
                "current": place == here,
            }
            for place, stage in enumerate(order)
        ]
    }


@register.filter
def choice_group(field: Any) -> bool:
    """Whether a bound field is a group of choices: it needs a fieldset and a legend."""
    return bool(field.field.widget.use_fieldset)


@register.filter
def tick(field: Any) -> bool:
    """Whether a bound field is a single tick box: its label stands beside it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.field.widget.use_fieldset
