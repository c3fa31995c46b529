from django.urls import path

from serein_web.guide import views

app_name = "guide"
urlpatterns = [
    path("clinic/guide/", views.rules, name="rules"),
    path("clinic/guide/rules/<slug:rule_key>/", views.rule, name="rule"),
    path("clinic/guide/facts/", views.facts, name="facts"),
    path("clinic/guide/facts/<slug:fact>/", views.fact, name="fact"),
    path("clinic/guide/due/", views.due, name="due"),
    path("clinic/guide/sites/<uuid:site_id>/", views.site, name="site"),
    path("clinic/guide/sites/<uuid:site_id>/proposals/<uuid:proposal_id>/", views.judge, name="judge"),
    path("clinic/guide/sites/<uuid:site_id>/<slug:rule_key>/<str:path>/", views.propose, name="propose"),
    path("clinic/guide/<slug:folder>/", views.folder, name="folder"),
    path("clinic/guide/<slug:folder>/<slug:entry_key>/", views.entry, name="entry"),
]
