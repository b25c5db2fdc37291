"""What the tests have done in another process: python -m tests.evolution.runs.child WORD JSON."""

import json
import os
import sys

import django

if __name__ == "__main__":
    if "TEST_BROKER" in os.environ:
        from tests.evolution.runs import celery_app  # noqa: F401 - Celery's current app now
    django.setup()

from dynschema.evolution import launch, recover
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.inline import InlineEngine
from dynschema.evolution.signals import run_progressed


def tell_of_batch(*, run, **_):
    tell(run.done_count)


def tell_of_end(*, run, **_):
    tell(run.status)


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def work_off(sent):
    InlineEngine().work_off(Delivery.from_json(sent))


def launch_work(name):
    launch(name)


def recover_runs(_):
    tell(len(recover()))


WORDS = {"launch": launch_work, "recover": recover_runs, "work_off": work_off}


if __name__ == "__main__":
    if sys.argv[1] == "work_off":
        run_progressed.connect(tell_of_batch)
    WORDS[sys.argv[1]](json.loads(sys.argv[2]))
