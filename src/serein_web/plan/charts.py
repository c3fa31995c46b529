"""The predicted concentration as the chart component takes it: the numbers are the table behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from serein import units
from serein.pathway.plan import Curve, Order


def concentration_chart(curve: Curve, order: Order) -> dict[str, Any]:
    """Caption, config, columns and rows for `ui/chart.html`. Times in min, concentrations in ng/mL."""
    dose = f"{units.show(order.dose_mg)} mg"
    low, high = (round(level * 100) for level in curve.levels)
    peak = max(range(len(curve.median)), key=lambda i: curve.median[i])
    rows = [
        [f"{t:g}", f"{m:.0f}", f"{lo:.0f}", f"{hi:.0f}", dose if t == 0 else ""]
        for t, m, lo, hi in zip(curve.time_min, curve.median, curve.low, curve.high, strict=True)
    ]
    return {
        "caption": _(
            "Predicted, not measured: the median rises to about %(peak)s ng/mL at %(minutes)s min; the band holds "
            "the middle %(share)s of 100 people of this weight."
        )
        % {
            "peak": f"{curve.median[peak]:.0f}",
            "minutes": f"{curve.time_min[peak]:g}",
            "share": high - low,
        },
        "config": {"x": "minutes", "min": 0, "unit": "ng/mL"},
        "columns": [
            {"label": _("Time"), "role": "x", "unit": "min"},
            {"label": _("Plasma, median"), "role": "line", "quantity": "concentration", "unit": "ng/mL"},
            {"label": _("Low"), "role": "low", "quantity": "concentration", "unit": "ng/mL"},
            {"label": _("High"), "role": "high", "quantity": "concentration", "unit": "ng/mL"},
            {"label": _("Dose"), "role": "mark", "quantity": "infusion"},
        ],
        "rows": rows,
    }
