"""The plan: from what a prescriber wants to an order that could be signed, or the first reason why not."""

from serein.pathway.plan.change import Adoption, DoseProposal, Event, Happened, highest, propose_change
from serein.pathway.plan.curve import Curve, curve
from serein.pathway.plan.order import (
    AsNeeded,
    Draft,
    Measured,
    Order,
    Wish,
    draft_order,
    may_sign,
    measured,
    parse_dose,
)
from serein.pathway.plan.protocol import phase_of, protocol_digest, protocols_for
from serein.pathway.plan.series import Series, chair_minutes, series_starts

__all__ = [
    "Adoption",
    "AsNeeded",
    "Curve",
    "DoseProposal",
    "Draft",
    "Event",
    "Happened",
    "Measured",
    "Order",
    "Series",
    "Wish",
    "chair_minutes",
    "curve",
    "draft_order",
    "highest",
    "may_sign",
    "measured",
    "parse_dose",
    "phase_of",
    "propose_change",
    "protocol_digest",
    "protocols_for",
    "series_starts",
]
