from django.urls import path

from serein_web.session import views_clinic as views

app_name = "session"
COURSE = "clinic/courses/<uuid:course_id>/session/"
SESSION = COURSE + "<uuid:session_id>/"
urlpatterns = [
    path(COURSE, views.show, name="show"),
    path(SESSION, views.chair, name="chair"),
    path(SESSION + "live/", views.live, name="live"),
    path(SESSION + "gate/", views.gate, name="gate"),
    path(SESSION + "stop/", views.stop_while_locked, name="stop-while-locked"),
    path(SESSION + "override/", views.override, name="override"),
    path(SESSION + "chart/<slug:kind>/", views.chart, name="chart"),
    path(SESSION + "entries/<uuid:entry_id>/", views.correct, name="correct"),
]
