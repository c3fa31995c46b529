from django.urls import path

from serein_web.operations import views

app_name = "operations"
urlpatterns = [
    path("clinic/sites/", views.sites, name="sites"),
    path("clinic/sites/<uuid:site_id>/", views.site, name="site"),
    path("clinic/sites/<uuid:site_id>/details/", views.details, name="details"),
    path("clinic/sites/<uuid:site_id>/chairs/", views.chairs, name="chairs"),
]
