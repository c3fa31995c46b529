from django.urls import path

from serein_web.consent import views_clinic, views_portal

app_name = "consent"
urlpatterns = [
    path("clinic/courses/<uuid:course_id>/consent/", views_clinic.show, name="show"),
    path("clinic/courses/<uuid:course_id>/consent/tablet/", views_clinic.tablet, name="tablet"),
    path("clinic/courses/<uuid:course_id>/consent/withdraw/", views_clinic.withdraw_for, name="withdraw-for"),
    path("clinic/consents/<uuid:signature_id>/", views_clinic.copy_for, name="copy-for"),
    path("portal/consent/", views_portal.mine, name="mine"),
    path("portal/consent/<uuid:course_id>/", views_portal.read, name="read"),
    path("portal/consent/<uuid:course_id>/full/", views_portal.full, name="full"),
    path("portal/consent/<uuid:course_id>/sign/", views_portal.sign, name="sign"),
    path("portal/consent/<uuid:course_id>/withdraw/", views_portal.withdraw, name="withdraw"),
    path("portal/consent/copy/<uuid:signature_id>/", views_portal.copy, name="copy"),
]
