from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "serein_web.library"
    label = "library"
