from django.urls import path

from serein_web.screening import views_clinic, views_portal

app_name = "screening"
here = "clinic/courses/<uuid:course_id>/screening/"
urlpatterns = [
    path(here, views_clinic.show, name="show"),
    path(here + "answers/", views_clinic.answer, name="answer"),
    path(here + "attest/", views_clinic.attest, name="attest"),
    path(here + "import/", views_clinic.import_record, name="import"),
    path(here + "documents/<uuid:document_id>/", views_clinic.document, name="document"),
    path(here + "note/", views_clinic.note, name="note"),
    path(here + "override/", views_clinic.override, name="override"),
    path(
        here + "overrides/<uuid:override_id>/withdraw/",
        views_clinic.withdraw_override,
        name="withdraw-override",
    ),
    path(here + "facts/<slug:fact>/dispute/", views_clinic.dispute, name="dispute"),
    path(here + "accept/", views_clinic.accept, name="accept"),
    path(here + "decline/", views_clinic.decline, name="decline"),
    path(here + "again/", views_clinic.screen_again, name="again"),
    path(here + "decisions/<uuid:decision_id>/", views_clinic.decision, name="decision"),
    path("clinic/evidence/<slug:key>/", views_clinic.evidence, name="evidence"),
    path("portal/screening/", views_portal.standing, name="portal"),
]
