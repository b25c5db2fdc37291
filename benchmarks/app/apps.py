"""The app of the definitions and of their hand-written counterparts."""

from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    name = "benchmarks.app"
    label = "benchmarks"
