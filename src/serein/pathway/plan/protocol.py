"""Protocols: which there are for a product by a route, and their phases."""

from __future__ import annotations

from serein.knowledge.load import digest
from serein.knowledge.types import Knowledge, Product, Protocol, ProtocolPhase, Route


def protocols_for(product: Product, route: Route, knowledge: Knowledge) -> tuple[Protocol, ...]:
    """Those written for this product by this route, in the order of their keys."""
    return tuple(
        protocol
        for protocol in knowledge.protocols.values()
        if product.substance in protocol.products
        and protocol.route == route.key
        and (not protocol.product_keys or product.key in protocol.product_keys)
    )


def phase_of(knowledge: Knowledge, protocol: str, phase: str) -> ProtocolPhase | None:
    """The phase of a protocol by their keys; None where either is not known."""
    found = knowledge.protocols.get(protocol)
    return next((p for p in found.phases if p.key == phase), None) if found is not None else None


def protocol_digest(knowledge: Knowledge, key: str) -> str:
    """SHA-256 of everything but the text of a protocol: an adoption holds only for the same digest."""
    return digest(knowledge.pack.files[f"protocols/{key}.toml"])
