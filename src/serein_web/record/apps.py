from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "serein_web.record"
    label = "record"
