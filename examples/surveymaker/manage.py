#!/usr/bin/env python
"""Runs Django's commands for the surveymaker example."""

import os
import sys

from django.core.management import execute_from_command_line

from surveymaker.databases import fresh_demo_database


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surveymaker.settings")
    if sys.argv[1:2] == ["demo"] and "DATABASE_URL" not in os.environ:
        # The demo starts from nothing, so it stays away from the database of the site.
        os.environ["DATABASE_URL"] = fresh_demo_database()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
