"""Runs the examples of a page as if they were typed into `manage.py shell`."""

import doctest
import sys

import django

django.setup()
failed, _ = doctest.testfile(sys.argv[1], module_relative=False, optionflags=doctest.ELLIPSIS)
sys.exit(bool(failed))
