"""The command line `serein`: files in, lines or JSON out. No clock, no network.

Exit 0: done. 1: refused, the reason on stderr and nothing on stdout. 2: the command was not understood.
One file a command; a command is imported only when it is called, so that each starts fast.
"""

from __future__ import annotations

from importlib import import_module

import click

from serein import ENGINE

COMMANDS = ("screen", "score", "questionnaire", "simulate", "replay", "evidence")


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"serein.cli.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found


@click.command(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(ENGINE, message="%(version)s")
def main() -> None:
    """The core of a ketamine-therapy programme: files in, answers with their reasons out.

    Exit 0: done. 1: refused, the reason on stderr. 2: the command was not understood.

    \b
    Examples:
      serein screen record.json --at last
      serein score gad-7 1 2 3 0 1 2 1
      serein simulate --model kamp-2020 --weight 70 --dose "0.5 mg/kg" \\
          --over "40 min" --until "240 min" --every "1 min"
    """
