from django.urls import path

from serein_web.chart import views

app_name = "chart"
urlpatterns = [
    path("clinic/patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("clinic/courses/<uuid:course_id>/", views.course, name="course"),
    path("clinic/courses/<uuid:course_id>/audit/", views.trail_of_course, name="trail"),
    path("clinic/courses/<uuid:course_id>/audit.csv", views.trail_as_csv, name="trail-csv"),
    path("clinic/emergency-access/", views.emergency, name="emergency"),
    path("clinic/downtime/", views.downtime, name="downtime"),
    path("clinic/audit/", views.whole_trail, name="whole-trail"),
    path("portal/who-looked/", views.who_looked, name="who-looked"),
    path("portal/", views.portal_home, name="portal"),
]
