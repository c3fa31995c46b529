from django.urls import path

from serein_web.followup import views_clinic, views_portal

app_name = "followup"
here = "clinic/courses/<uuid:course_id>/followup/"
urlpatterns = [
    path(here, views_clinic.show, name="show"),
    path(here + "send/", views_clinic.send, name="send"),
    path(here + "requests/<uuid:request_id>/cancel/", views_clinic.cancel, name="cancel"),
    path(here + "go-on/", views_clinic.go_on, name="go-on"),
    path(here + "scores/", views_clinic.scores, name="scores"),
    path(here + "scores/<slug:instrument>/", views_clinic.score, name="score"),
    path(here + "adverse-event/", views_clinic.adverse_event, name="adverse-event"),
    path("q/<str:token>/", views_portal.answer_by_link, name="link"),
    path("portal/followup/", views_portal.mine, name="portal"),
    path("portal/followup/<uuid:request_id>/", views_portal.answer, name="answer"),
]
