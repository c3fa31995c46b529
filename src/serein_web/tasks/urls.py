from django.urls import path

from serein_web.tasks import views

app_name = "tasks"
urlpatterns = [
    path("clinic/worklist/", views.show_worklist, name="worklist"),
    path("clinic/worklist/<uuid:task_id>/take/", views.take, name="take"),
    path("clinic/worklist/<uuid:task_id>/", views.finish, name="finish"),
]
