"""Serving: HTTPS for the pages, and beside it the page from which a device installs the clinic's authority."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from serein_web.operations import certificates
from serein_web.settings.file import SiteSettings

# Static files are streamed synchronously under ASGI; they are small, and read once by a browser.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
APPLICATION = "serein_web.asgi:application"


def demo(port: int) -> None:
    """The demo, on this machine only."""
    import uvicorn

    os.environ["DJANGO_SETTINGS_MODULE"] = "serein_web.settings.demo"
    print(f"Serein is at http://127.0.0.1:{port}/  (Ctrl-C stops it)", flush=True)  # noqa: T201
    with _ticking():
        uvicorn.run(APPLICATION, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def site(
    data: Path, settings: SiteSettings, now: dt.datetime, port: int, *, say: Callable[[str], None]
) -> None:
    """A real site, until it is stopped. Its own certificate is renewed here when it runs out."""
    import uvicorn

    if settings.certificate:
        chain, key = Path(settings.certificate), Path(settings.certificate_key)
    else:
        chain, key = certificates.ensure(data, settings.hosts, now)
    common = {"host": settings.listen, "log_level": "warning", "access_log": False}
    pages = uvicorn.Config(APPLICATION, port=port, ssl_certfile=chain, ssl_keyfile=key, **common)
    servers = [uvicorn.Server(pages)]
    say(f"Serein is at https://{settings.hosts[0]}:{port}/  (Ctrl-C stops it)")
    if settings.install_port and not settings.certificate:
        from serein_web.operations.install_page import application

        installing = application(certificates.authority_file(data), f"https://{settings.hosts[0]}:{port}/")
        servers.append(uvicorn.Server(uvicorn.Config(installing, port=settings.install_port, **common)))
        say(f"Devices install its certificate once from http://{settings.hosts[0]}:{settings.install_port}/")
    with _ticking():
        asyncio.run(_together(servers))


@contextmanager
def _ticking() -> Iterator[None]:
    """What falls due by the clock, for as long as pages are served."""
    import django

    django.setup()
    from serein_web.ticker import run

    stop = threading.Event()
    run.start(stop)
    try:
        yield
    finally:
        stop.set()


async def _together(servers: list) -> None:
    """All of them, until one ends: then none goes on alone."""
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
