from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "serein_web.operations"
    label = "operations"
