from django.urls import path

from serein_web.schedule import views

app_name = "schedule"
urlpatterns = [
    path("clinic/", views.show_today, name="today"),
    path("clinic/patients/<uuid:patient_id>/book/", views.book, name="book"),
    path("clinic/appointments/<uuid:appointment_id>/status/", views.set_status, name="status"),
]
