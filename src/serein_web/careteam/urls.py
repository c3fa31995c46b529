from django.urls import path

from serein_web.careteam import views

app_name = "careteam"
urlpatterns = [
    path("clinic/patients/<uuid:patient_id>/care-team/", views.team, name="team"),
    path("clinic/patients/<uuid:patient_id>/care-team/add/", views.add, name="add"),
    path("clinic/patients/<uuid:patient_id>/care-team/<uuid:relation_id>/", views.change, name="change"),
    path("clinic/patients/<uuid:patient_id>/care-team/<uuid:relation_id>/end/", views.end, name="end"),
    path("clinic/courses/<uuid:course_id>/letters/", views.letters, name="letters"),
    path("clinic/courses/<uuid:course_id>/letters/<uuid:letter_id>/", views.letter, name="letter"),
    path("clinic/courses/<uuid:course_id>/letters/<uuid:letter_id>/pdf/", views.letter_pdf, name="pdf"),
    path("letter/<str:token>/", views.by_token, name="by-token"),
    path("portal/care-team/", views.mine, name="mine"),
]
