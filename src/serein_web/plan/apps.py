from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "serein_web.plan"
    label = "plan"
