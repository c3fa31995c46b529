from django.urls import path

from serein_web.recovery import views_clinic, views_portal

app_name = "recovery"
COURSE = "clinic/courses/<uuid:course_id>/recovery/"
urlpatterns = [
    path(COURSE, views_clinic.show, name="show"),
    path(COURSE + "chart/<slug:kind>/", views_clinic.chart, name="chart"),
    path(COURSE + "aldrete/", views_clinic.score, name="aldrete"),
    path(COURSE + "override/", views_clinic.override, name="override"),
    path(COURSE + "discharge/", views_clinic.discharge, name="discharge"),
    path(COURSE + "leave/", views_clinic.leave, name="leave"),
    path("portal/recovery/", views_portal.aftercare, name="aftercare"),
]
