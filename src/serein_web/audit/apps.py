from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "serein_web.audit"
    label = "audit"
