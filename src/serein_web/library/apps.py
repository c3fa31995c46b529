from typing import Any

from django.apps import AppConfig
from django.core import checks


class LibraryConfig(AppConfig):
    name = "serein_web.library"
    label = "library"

    def ready(self) -> None:
        checks.register(pages_load)


def pages_load(**kwargs: Any) -> list[checks.CheckMessage]:
    """A number without a source, a dead link or a language that differs stops `make check` and every command."""
    from serein.errors import KnowledgeError
    from serein.knowledge import load
    from serein.knowledge.pages import load_pages

    try:
        load_pages(load())
    except KnowledgeError as problem:
        return [checks.Error(str(problem), id="library.E001")]
    return []
