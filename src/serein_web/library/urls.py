from django.urls import path

from serein_web.library import views

app_name = "library"
urlpatterns = [
    path("about/", views.contents, name="contents"),
    path("about/evidence/", views.evidence, name="evidence"),
    path("about/words/", views.words, name="words"),
    path("about/sources/<slug:key>/", views.source, name="source"),
    path("about/<slug:page>/", views.page, name="page"),
]
