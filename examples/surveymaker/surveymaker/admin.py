"""Where people write surveys; the tables follow what they save."""

from django.contrib import admin

from surveymaker.models import Question, Survey


class QuestionInline(admin.TabularInline):
    model = Question
    extra = 1
    prepopulated_fields = {"slug": ["text"]}


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):
    inlines = [QuestionInline]
    list_display = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    search_fields = ["title", "slug"]
