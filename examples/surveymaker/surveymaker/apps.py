"""Tells Django about the app."""

from django.apps import AppConfig


class SurveymakerConfig(AppConfig):
    name = "surveymaker"
    verbose_name = "Surveys"
