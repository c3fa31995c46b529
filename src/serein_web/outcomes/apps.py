from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "serein_web.outcomes"
    label = "outcomes"
