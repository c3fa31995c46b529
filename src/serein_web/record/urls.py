from django.urls import path

from serein_web.record import views

app_name = "record"
here = "clinic/patients/<uuid:patient_id>/record/<slug:kind>/"
urlpatterns = [
    path("clinic/patients/<uuid:patient_id>/medicines/", views.reconcile, name="reconcile"),
    path(here, views.keep, name="keep"),
    path(here + "<uuid:entry_id>/stop/", views.stop, name="stop"),
]
