from django.apps import AppConfig


class SessionLogConfig(AppConfig):
    name = "serein_web.sessionlog"
    label = "sessionlog"
