"""A refusal of the core, said on a page: in the reader's language, with the page's own word for the field."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from serein.errors import SENTENCES, Refusal


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
    words = _Words(dict(refusal.details), field=str(label or refusal.field), value=refusal.value)
    return Said(gettext(why).format_map(words), gettext(next_step).format_map(words))
