from django.apps import AppConfig


class EnquiryConfig(AppConfig):
    name = "serein_web.enquiry"
    label = "enquiry"
