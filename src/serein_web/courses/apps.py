from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "serein_web.courses"
    label = "courses"
