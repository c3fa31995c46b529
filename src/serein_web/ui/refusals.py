"""A refusal of the core, said on a page: in the reader's language, with the page's own word for the field."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from serein.errors import SENTENCES, Refusal
from serein_web import knowledge
from serein_web.ui.site_time import at_site


@dataclass(frozen=True, slots=True)
class Said:
    """`why`: what was refused and why; `next_step`: what the person can do now."""

    why: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.why} {self.next_step}"

    def __html__(self) -> SafeString:
        return format_html('{} <span class="next">{}</span>', self.why, self.next_step)


class _Words(dict):
    def __missing__(self, key: str) -> str:  # a sentence must never fail to be said
        return "…"


def say(refusal: Refusal, label: str | Promise | None = None) -> Said:
    """The refusal's two sentences, translated. `label` is the page's word for the field."""
    why, next_step = SENTENCES[refusal.reason]
    given = {name: at_site(text) for name, text in dict(refusal.details).items()}
    words = _Words(given, field=str(label or refusal.field), value=_value(refusal.value))
    said = gettext(why).format_map(words)
    return Said(said[:1].upper() + said[1:], gettext(next_step).format_map(words))


def _value(value: str) -> str:
    """What was refused; a rule by its title instead of its key."""
    rules = knowledge.current().rules
    return ": ".join(rules[part].text.title if part in rules else part for part in at_site(value).split(": "))
