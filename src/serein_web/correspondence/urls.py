from django.urls import path

from serein_web.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("clinic/sites/<uuid:site_id>/messages/invitation/", views.send_invitation, name="send-invitation"),
    path("clinic/sites/<uuid:site_id>/messages/", views.channels, name="channels"),
]
