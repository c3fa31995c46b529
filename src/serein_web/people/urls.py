from django.urls import path

from serein_web.people import views

app_name = "people"
urlpatterns = [
    path("log-in/", views.log_in, name="log-in"),
    path("log-out/", views.log_out, name="log-out"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("home/", views.home, name="home"),
    path("account/", views.account, name="account"),
    path("clinic/sites/<uuid:site_id>/duty/", views.duty_list, name="duty"),
    path(
        "clinic/sites/<uuid:site_id>/duty/<uuid:shift_id>/withdraw/",
        views.withdraw_shift,
        name="withdraw-shift",
    ),
    path("clinic/duty/", views.duty_lists, name="duties"),
    path("clinic/sites/<uuid:site_id>/staff/", views.staff, name="staff"),
    path("clinic/sites/<uuid:site_id>/staff/<uuid:user_id>/", views.staff_member, name="staff-member"),
    path("clinic/patients/", views.patients, name="patients"),
    path("clinic/patients/register/", views.register, name="register"),
    path("clinic/patients/<uuid:patient_id>/identifiers/", views.identify, name="identify"),
]
