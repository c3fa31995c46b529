from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "serein_web.screening"
    label = "screening"
