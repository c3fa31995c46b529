"""How a command says no: the reason on stderr, exit 1, nothing on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import click

from serein.errors import Refusal


class Refused(click.ClickException):
    """One or more refused values. Each is said in a line: what, the value, why, and what to do next."""

    exit_code = 1

    def __init__(self, refusals: Refusal | Sequence[Refusal]) -> None:
        self.refusals = (refusals,) if isinstance(refusals, Refusal) else tuple(refusals)
        super().__init__("\n".join(f"{r} [{r.reason.value}]" for r in self.refusals))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"refused: {self.message}", err=True)
