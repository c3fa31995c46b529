from django.urls import path

from serein_web.plan import views_clinic, views_portal

app_name = "plan"
urlpatterns = [
    path("clinic/courses/<uuid:course_id>/plan/", views_clinic.show, name="show"),
    path("clinic/courses/<uuid:course_id>/plan/save/", views_clinic.save, name="save"),
    path("clinic/courses/<uuid:course_id>/plan/sign/", views_clinic.sign, name="sign"),
    path("clinic/courses/<uuid:course_id>/plan/revoke/", views_clinic.revoke, name="revoke"),
    path("clinic/courses/<uuid:course_id>/plan/book/", views_clinic.book, name="book"),
    path("clinic/protocols/", views_clinic.protocols, name="protocols"),
    path("clinic/protocols/adopt/", views_clinic.adopt, name="adopt"),
    path("clinic/checklists/", views_clinic.checklists, name="checklists"),
    path("clinic/checklists/<slug:checklist>/", views_clinic.checklist, name="checklist"),
    path("portal/plan/", views_portal.mine, name="mine"),
]
