"""`serein-site`: the shell's own commands."""

from __future__ import annotations

import os

import click


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


@main.command()
@click.option("--demo", "demo_", is_flag=True, help="Serve the demo site.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(demo_: bool, port: int, host: str) -> None:
    """Serve the site until it is stopped with Ctrl-C."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.demo" if demo_ else "serein_web.settings.site"
    import warnings

    import uvicorn

    # Static files are streamed synchronously under ASGI; they are small, and read once by a browser.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
    click.echo(f"Serein is at http://{host}:{port}/  (Ctrl-C stops it)")
    uvicorn.run("serein_web.asgi:application", host=host, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
