"""Pressure, heart rate and oxygen saturation on one time axis with the dose, as the chart component takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from serein.pathway.session import SessionState
from serein_web.ui.templatetags.serein import clock, quantity

LINES = (
    ("systolic_pressure", gettext_lazy("Systolic"), "systolic", "mmHg"),
    ("diastolic_pressure", gettext_lazy("Diastolic"), "diastolic", "mmHg"),
    ("heart_rate", gettext_lazy("Heart rate"), "pulse", "/min"),
    ("oxygen_saturation", gettext_lazy("SpO2"), "saturation", "%"),
)
STEP = 20
"""The vertical axis begins and ends at a multiple of this."""


def trend(state: SessionState, limit: float | None, baseline: float | None) -> dict[str, Any] | None:
    """Caption, config, columns and rows for `ui/chart.html`; None before the first reading.

    Minutes count from the start of the dose, or from the first reading where there is none yet. `limit` and
    `baseline` are of the systolic pressure.
    """
    cells: dict[dt.datetime, dict[str, Any]] = {}
    for fact, *_names in LINES:
        for reading in state.observations.get(fact, ()):
            cells.setdefault(reading.at, {})[fact] = reading.value
    if not cells:
        return None
    values = [v for row in cells.values() for v in row.values()]
    for at, label in _marks(state):
        cells.setdefault(at, {})["mark"] = label
    zero = state.start.at if state.start is not None else min(cells)
    drawn = ((limit, _("alarm from %s")), (baseline, _("baseline %s")))
    return {
        "caption": _("Pressure, heart rate and oxygen saturation, with the dose. Minutes from its start.")
        if state.start is not None
        else _("Pressure, heart rate and oxygen saturation before the dose."),
        "config": {
            "x": "minutes",
            "unit": "mmHg · /min · %",
            "join": True,
            "min": min(values) // STEP * STEP,
            "max": (max([*values, limit or 0]) // STEP + 1) * STEP,
            "lines": [{"at": at, "label": words % quantity(at)} for at, words in drawn if at is not None],
        },
        "columns": [
            {"label": _("Time"), "role": "x"},
            *(
                {"label": name, "role": "line", "quantity": colour, "unit": unit}
                for _fact, name, colour, unit in LINES
            ),
            {"label": _("Dose"), "role": "mark"},
        ],
        "rows": [
            [
                {"value": round((at - zero) / dt.timedelta(minutes=1), 1), "label": clock(at)},
                *(quantity(row[fact]) if fact in row else None for fact, *_names in LINES),
                row.get("mark", ""),
            ]
            for at, row in sorted(cells.items())
        ],
    }


def _marks(state: SessionState) -> Iterator[tuple[dt.datetime, str]]:
    """What was done to the dose, and when."""
    for number, (at, mg_per_h) in enumerate(state.rates):
        yield at, quantity(round(mg_per_h, 1), "mg/h") if mg_per_h else _("paused") if number else ""
    for at, mg in state.boluses:
        yield at, quantity(mg, "mg")
    if state.stop is not None:
        yield state.stop.at, _("stop")
