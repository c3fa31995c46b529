from django.apps import AppConfig


class GuideConfig(AppConfig):
    name = "serein_web.guide"
    label = "guide"
