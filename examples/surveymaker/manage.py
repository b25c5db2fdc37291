#!/usr/bin/env python
"""Runs Django's commands for the surveymaker example."""

import os
import sys

from django.core.management import execute_from_command_line

from surveymaker.databases import DEMO_DATABASE


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surveymaker.settings")
    if sys.argv[1:2] == ["demo"]:
        # The demo starts from nothing, so it stays away from the database of the site.
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{DEMO_DATABASE}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
