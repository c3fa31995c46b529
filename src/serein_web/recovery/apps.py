from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "serein_web.recovery"
    label = "recovery"
