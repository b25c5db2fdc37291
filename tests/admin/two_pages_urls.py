"""A site in which questions have pages of their own."""

from django.contrib.admin import AdminSite
from django.urls import path

from dynschema.admin import DefinitionAdmin, FieldDefinitionAdmin
from surveymaker.models import Question, Survey

site = AdminSite()
site.register(Survey, DefinitionAdmin)
site.register(Question, FieldDefinitionAdmin)

urlpatterns = [path("admin/", site.urls)]
