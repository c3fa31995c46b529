from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "serein_web.consent"
    label = "consent"
