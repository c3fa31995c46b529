from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "serein_web.tasks"
    label = "tasks"
