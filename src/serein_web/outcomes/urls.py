from django.urls import path

from serein_web.outcomes import views_clinic, views_portal

app_name = "outcomes"
here = "clinic/courses/<uuid:course_id>/outcomes/"
urlpatterns = [
    path(here, views_clinic.show, name="show"),
    path(here + "review/", views_clinic.review, name="review"),
    path("portal/outcomes/", views_portal.mine, name="portal"),
]
