"""Whether two identities can be one person."""

from __future__ import annotations

from serein.fhir.record import Identity


def differences(found: Identity, expected: Identity) -> tuple[str, ...]:
    """What speaks against one person, in words; empty if they agree.

    A shared identifier and no different birth date are enough; without one, family name, first given name and
    birth date must all be known and agree.
    """
    if found.birth_date and expected.birth_date and found.birth_date != expected.birth_date:
        return (f"born {found.birth_date}, not {expected.birth_date}",)
    if set(found.identifiers) & set(expected.identifiers):
        return ()
    theirs = dict(expected.identifiers)
    for system, value in found.identifiers:
        if system and system in theirs:
            return (f"number {value} of {system}, not {theirs[system]}",)
    if not (found.birth_date and expected.birth_date):
        return ("no shared number and no birth date to compare",)
    if not _spoken(found) & _spoken(expected):
        return (f"named {found}, not {expected}",)
    return ()


def _spoken(identity: Identity) -> set[tuple[str, str]]:
    """(first given name, family name) of each name, in one case."""
    return {(n.given[0].casefold(), n.family.casefold()) for n in identity.names if n.given and n.family}
