"""The knowledge pack that the commands use, checked, and read fast the second time."""

from __future__ import annotations

import click

from serein.errors import KnowledgeError
from serein.knowledge.types import Knowledge
from serein.safety.pack import default_store, usable_pack


def knowledge_in_use() -> Knowledge:
    """The checked pack. One that does not load ends the command with file, line and problem."""
    try:
        return usable_pack(store=default_store())
    except KnowledgeError as error:
        raise click.ClickException(f"the knowledge does not load: {error}") from None
