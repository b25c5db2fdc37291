"""The addresses of the example: the admin, and the pages for visitors."""

from django.contrib import admin
from django.urls import path

from surveymaker import views

# A slug is whatever dynschema accepted as a name, so it is taken as any text.
urlpatterns = [
    path("", views.surveys, name="surveys"),
    path("surveys/<str:slug>/", views.answer, name="answer"),
    path("surveys/<str:slug>/thanks/", views.thanks, name="thanks"),
    path("surveys/<str:slug>/results/", views.results, name="results"),
    path("admin/", admin.site.urls),
]
