"""`serein-site`: the shell's own commands."""

from __future__ import annotations

import os

import click

from serein_web.operations import commands, knowledge_commands


@click.group()
def main() -> None:
    """Set up, fill and serve a Serein site."""


def _setup(settings: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django

    django.setup()


def _step(text: str) -> None:
    click.echo(f"  {text}", err=True)


@main.command()
def demo() -> None:
    """Make the demo site: invented people at every stage. Does nothing where it is already made."""
    _setup("serein_web.settings.demo")
    from django.core.management import call_command

    from serein_web.demo import make

    _step("database: bring it up to date")
    call_command("migrate", verbosity=0)
    _step("pages: collect what they are drawn with")
    call_command("collectstatic", verbosity=0, interactive=False)
    for line in make.demo(step=_step):
        click.echo(line)


for command in (*commands.COMMANDS, *knowledge_commands.COMMANDS):
    main.add_command(command)


if __name__ == "__main__":
    main()
