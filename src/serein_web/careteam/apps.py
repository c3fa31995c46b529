from django.apps import AppConfig


class CareteamConfig(AppConfig):
    name = "serein_web.careteam"
    label = "careteam"
