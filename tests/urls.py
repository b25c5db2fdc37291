"""The pages of the test project: the admin, and those of the surveymaker example."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls)]

if find_spec("surveymaker") and find_spec("surveymaker.urls"):
    urlpatterns.append(path("", include("surveymaker.urls")))
