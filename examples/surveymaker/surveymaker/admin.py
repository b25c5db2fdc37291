"""Where people write surveys; the tables follow what they save."""

from django.contrib import admin

from dynschema.admin import DefinitionAdmin
from surveymaker.models import Question, Survey


class QuestionInline(admin.TabularInline):
    model = Question
    extra = 1
    prepopulated_fields = {"slug": ["text"]}


@admin.register(Survey)
class SurveyAdmin(DefinitionAdmin):
    inlines = [QuestionInline]
    list_display = ["title", "slug", "records"]
    prepopulated_fields = {"slug": ["title"]}
    search_fields = ["title", "slug"]
