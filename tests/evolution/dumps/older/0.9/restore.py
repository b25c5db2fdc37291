"""A Python dump. Running this file restores it:

    python manage.py run DIR/restore.py
    python DIR/restore.py

It EXECUTES the Python code of this folder, so run it only if you trust where it comes from.
All rows of the tables below are replaced, in one transaction: after an error the database is as
it was before. --quick checks less, --noinput does not ask, --edited accepts edited data files.

You may edit this file. Where a field is gone, comment out its line in the create function; where
a model is gone, comment out its lines in main(). Then run it again, until it passes.
"""

import logging
import os
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import django
from django.apps import apps
from django.db import models

SOURCE_VERSION = '0.9'
USE_TZ = True
TIME_ZONE = 'Europe/Berlin'

if not apps.ready:
    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", 'tests.settings')
    django.setup()

from dynschema.evolution.dumps.script import JSON_NULL, Column, Script

logger = logging.getLogger("dynschema.evolution.dumps")
script = Script(globals())
dt = script.dt
execfile = script.execfile
from_text = script.from_text
new_content_type_id = script.new_content_type_id
resolve_model = script.resolve_model
dynamic_model = script.dynamic_model
retired_model = script.retired_model
create_mti_child = script.create_mti_child

museum_Room = resolve_model('museum.Room')
surveymaker_Survey = resolve_model('surveymaker.Survey')
surveymaker_Vote = resolve_model('surveymaker.Vote')
surveymaker_Question = resolve_model('surveymaker.Question')
surveymaker_LunchResponse = dynamic_model('survey:1', 'surveymaker.LunchResponse')


def create_museum_room(id, name, within_id, opened_at, changed_at):
    kw = dict()
    kw.update(id=id)
    kw.update(name=name)
    kw.update(within_id=within_id)
    kw.update(opened_at=opened_at)
    kw.update(changed_at=changed_at)
    return museum_Room(**kw)


def create_surveymaker_survey(id, name, slug):
    kw = dict()
    kw.update(id=id)
    kw.update(name=name)
    kw.update(slug=slug)
    return surveymaker_Survey(**kw)


def create_surveymaker_vote(id, survey_id):
    kw = dict()
    kw.update(id=id)
    kw.update(survey_id=survey_id)
    return surveymaker_Vote(**kw)


def create_surveymaker_question(id, survey_id, slug, text, kind, required, unique, indexed, choices, rank):
    kw = dict()
    kw.update(id=id)
    kw.update(survey_id=survey_id)
    kw.update(slug=slug)
    kw.update(text=text)
    kw.update(kind=kind)
    kw.update(required=required)
    kw.update(unique=unique)
    kw.update(indexed=indexed)
    kw.update(choices=choices)
    kw.update(rank=rank)
    return surveymaker_Question(**kw)


def create_surveymaker_lunchresponse(id, created_at, respondent_id, dish, age):
    kw = dict()
    kw.update(id=id)
    kw.update(created_at=created_at)
    kw.update(respondent_id=respondent_id)
    kw.update(dish=dish)
    kw.update(age=age)
    return surveymaker_LunchResponse(**kw)


def main(args):
    """Restore everything: one line for each file."""
    with script.restoring(args) as loader:
        execfile('museum_room.py')
        execfile('surveymaker_survey.py')
        execfile('surveymaker_vote.py')
        execfile('surveymaker_question.py')
        loader.build_tables(epoch=1)
        execfile('surveymaker_lunchresponse.py')
        loader.write_sequence(museum_Room, 0)
        loader.write_sequence(surveymaker_Survey, 1)
        loader.write_sequence(surveymaker_Question, 2)
        loader.write_sequence(surveymaker_LunchResponse, 2)


if __name__ == "__main__":
    main(script.arguments())
