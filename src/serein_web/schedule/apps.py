from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "serein_web.schedule"
    label = "schedule"
