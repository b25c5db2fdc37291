"""The Celery app of a project, whose workers tell what they do."""

import os

from celery import Celery
from celery.signals import worker_ready

BROKER = "TEST_BROKER"

app = Celery("site", broker=os.environ[BROKER] or "memory://")
app.conf.worker_redirect_stdouts = False
app.conf.broker_connection_retry_on_startup = True
app.set_default()


@worker_ready.connect
def listen(**_):
    from dynschema.evolution.signals import run_progressed, run_succeeded
    from tests.evolution.runs.child import tell, tell_of_batch, tell_of_end

    run_progressed.connect(tell_of_batch)
    run_succeeded.connect(tell_of_end)
    tell("ready")
