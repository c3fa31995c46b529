from django.urls import path

from serein_web.enquiry import views_clinic, views_portal

app_name = "enquiry"
urlpatterns = [
    path("", views_portal.welcome, name="welcome"),
    path("enquiry/<uuid:site_id>/", views_portal.ask, name="ask"),
    path("enquiry/thanks/", views_portal.thanks, name="thanks"),
    path("clinic/requests/", views_clinic.requests, name="requests"),
    path("clinic/requests/<uuid:request_id>/", views_clinic.answer, name="answer"),
    path("clinic/patients/<uuid:patient_id>/begin/", views_clinic.begin, name="begin"),
]
