from django.urls import path

from serein_web.plan import views_clinic, views_portal

app_name = "plan"
urlpatterns = [
    path("clinic/courses/<uuid:course_id>/plan/", views_clinic.show, name="show"),
    path("clinic/courses/<uuid:course_id>/plan/save/", views_clinic.save, name="save"),
    path("clinic/courses/<uuid:course_id>/plan/sign/", views_clinic.sign, name="sign"),
    path("clinic/courses/<uuid:course_id>/plan/revoke/", views_clinic.revoke, name="revoke"),
    path("clinic/courses/<uuid:course_id>/plan/book/", views_clinic.book, name="book"),
    path("portal/plan/", views_portal.mine, name="mine"),
]
