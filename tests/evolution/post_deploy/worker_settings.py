"""The settings of a site that hands actions to workers; to those of Celery as it always did."""

from tests.evolution.runs.worker_settings import *  # noqa: F403 - only what follows differs

if os.environ[ENGINE] == "celery":  # noqa: F405 - from there
    DYNSCHEMA = {}
    POST_DEPLOY_CELERY_APP = "tests.evolution.runs.celery_app.app"
    POST_DEPLOY_SCHEDULER_MANAGER = (
        "dynschema.evolution.post_deploy.plugins.scheduler.celery.CeleryScheduler"
    )
else:
    DYNSCHEMA = {"evolution": {"engine": os.environ[ENGINE]}}  # noqa: F405 - from there
