from django.apps import AppConfig


class TickerConfig(AppConfig):
    name = "serein_web.ticker"
    label = "ticker"
