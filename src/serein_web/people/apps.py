from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "serein_web.people"
    label = "people"
