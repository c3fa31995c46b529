from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "serein_web.correspondence"
    label = "correspondence"
