from django.apps import AppConfig


class ChartConfig(AppConfig):
    name = "serein_web.chart"
    label = "chart"
