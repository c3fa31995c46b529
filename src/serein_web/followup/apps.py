from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "serein_web.followup"
    label = "followup"
