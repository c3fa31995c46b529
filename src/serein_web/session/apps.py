from django.apps import AppConfig


class SessionConfig(AppConfig):
    name = "serein_web.session"
    label = "session"
