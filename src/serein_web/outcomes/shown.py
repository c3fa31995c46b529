"""An outcome as pages show it: a chart with its table, and every verdict with its definition."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from serein.instruments import Change, Verdict
from serein.instruments.change import SENTENCES
from serein.knowledge import Knowledge
from serein.logic.truth import Truth
from serein.units import show
from serein_web.decisions import source
from serein_web.outcomes.queries import Outcome
from serein_web.ui.refusals import say
from serein_web.ui.templatetags.serein import date_short, quantity

_CAPTIONS = {
    "lower": gettext_lazy("%(title)s and doses over time. Lower is better."),
    "higher": gettext_lazy("%(title)s and doses over time. Higher is better."),
    "neither": gettext_lazy("%(title)s and doses over time."),
}


def shown(outcome: Outcome, knowledge: Knowledge) -> dict[str, Any]:
    """What `outcomes/show.html` needs of one instrument."""
    way, instrument = outcome.trajectory, outcome.instrument
    return {
        "title": outcome.item.name if outcome.item else instrument.text.title,
        "is_rating": outcome.item is not None,
        "rests_on": way.rests_on,
        "direction": way.direction,
        "sentence": sentence(outcome),
        "baseline": way.baseline,
        "baseline_before_dose": way.baseline_before_dose,
        "latest": way.scores[-1],
        "chart": chart(outcome),
        "verdicts": verdicts(way.change) if way.change and not outcome.item else [],
        "evidence": [source(key, knowledge) for key in instrument.evidence],
    }


def sentence(outcome: Outcome) -> str:
    """The change in a sentence for staff, or what is lacking for one."""
    way = outcome.trajectory
    if way.refused is not None:
        return str(say(way.refused))
    if way.baseline is None:
        return _("No score has a total yet.")
    if way.change is None:
        return _("There is one score to begin from, and none after it yet.")
    if way.change.points is None:
        return _("The latest score has no total, so no change is computed.")
    words = {"points": f"{way.change.points:+g}", "since": date_short(way.baseline.at)}
    if outcome.item is not None:
        ends = {
            "first": f"{way.baseline.total:g}",
            "latest": f"{way.scores[-1].total:g}",
            "most": outcome.instrument.maximum,
        }
        return _("From %(first)s to %(latest)s of %(most)s since %(since)s.") % (words | ends)
    if outcome.instrument.minimum != 0:
        return _("%(points)s points since %(since)s.") % words
    if way.change.percent is None:
        return _("%(points)s points since %(since)s; a percentage of zero is not computed.") % words
    return _("%(points)s points (%(percent)s%%) since %(since)s.") % (
        words | {"percent": f"{way.change.percent:+.0f}"}
    )


def verdicts(change: Change) -> list[dict[str, Any]]:
    """Each verdict with its answer, its definition, and what the definition rests on."""
    limit = {
        "response": _("the total fell by at least %(n)g%% of the baseline"),
        "remission": _("the total is below %(n)g"),
        "reliable_improvement": _(
            "it fell by at least %(n)g points: more than measurement error alone gives"
        ),
        "reliable_deterioration": _(
            "it rose by at least %(n)g points: more than measurement error alone gives"
        ),
        "important_improvement": _("it fell by at least %(n)g points: enough to matter to a person"),
        "important_deterioration": _("it rose by at least %(n)g points: enough to matter to a person"),
    }
    titles = {
        "response": _("Response"),
        "remission": _("Remission"),
        "reliable_improvement": _("Reliable improvement"),
        "reliable_deterioration": _("Reliable worsening"),
        "important_improvement": _("Improvement that matters"),
        "important_deterioration": _("Worsening that matters"),
    }
    found = []
    for name, words in limit.items():
        verdict: Verdict = getattr(change, name)
        found.append(
            {
                "title": titles[name],
                "answer": _answer(verdict),
                "reached": verdict.answer is Truth.TRUE,
                "definition": "" if verdict.limit is None else words % {"n": verdict.limit},
                "basis": "" if verdict.limit is None else verdict.basis,
                "why_not": verdict.because or (_(SENTENCES[verdict.why_not]) if verdict.why_not else ""),
            }
        )
    return found


def _answer(verdict: Verdict) -> str:
    words = {Truth.TRUE: _("yes"), Truth.FALSE: _("no"), Truth.UNKNOWN: _("not computable")}
    return words[verdict.answer]


def _wall_clock(at: dt.datetime) -> str:
    """The site's wall clock as the chart draws it: its axis knows no time zone."""
    return timezone.localtime(at).replace(tzinfo=dt.UTC).isoformat()


def chart(outcome: Outcome) -> dict[str, Any]:
    """Config, columns and rows for `ui/chart.html`: totals as a line over the bands, doses as marks."""
    instrument = outcome.instrument
    title = outcome.item.name if outcome.item else instrument.text.title
    rows = [(s.at, None if s.total is None else show(s.total), "") for s in outcome.trajectory.scores]
    rows += [(at, None, quantity(round(mg, 1), "mg")) for at, mg in outcome.doses]
    return {
        "caption": _CAPTIONS[instrument.better] % {"title": title},
        "config": {
            "x": "dates",
            "min": instrument.minimum,
            "max": instrument.maximum,
            "join": True,
            "bands": [
                {"from": b.low, "to": b.high, "label": f"{b.text} {b.low:g}–{b.high:g}"}
                for b in instrument.bands
            ],
        },
        "columns": [
            {"label": _("Date"), "role": "x"},
            {"label": title, "role": "line", "quantity": "score"},
            {"label": _("Dose"), "role": "mark"},
        ],
        "rows": [
            [{"value": _wall_clock(at), "label": date_short(at)}, total, dose]
            for at, total, dose in sorted(rows, key=lambda row: row[0])
        ],
    }
