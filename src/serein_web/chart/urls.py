from django.urls import path

from serein_web.chart import views

app_name = "chart"
urlpatterns = [
    path("clinic/patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("clinic/courses/<uuid:course_id>/", views.course, name="course"),
    path("portal/", views.portal_home, name="portal"),
]
