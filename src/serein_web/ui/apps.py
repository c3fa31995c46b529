"""The look of Serein: templates, components, design tokens, form ground."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "serein_web.ui"
    label = "ui"
