"""The settings of a site on django-tenants."""

import os

from django import VERSION

from surveymaker.databases import database_settings
from tests import variables

APPS = "tests.evolution.post_deploy"

DATABASES = {
    "default": {
        **database_settings(os.environ[variables.URL]),
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": os.environ[variables.NAME],
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "of the tests"
TIME_ZONE = "UTC"
USE_TZ = True

TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
SHARED_APPS = [
    "django_tenants",
    f"{APPS}.tenants",
    "django.contrib.contenttypes",
    *(["django_tasks"] if VERSION < (6,) else []),
    "django_tasks_db",
    "dynschema",
    "dynschema.evolution",
    f"{APPS}.branches",
]
TENANT_APPS = ["dynschema.evolution", f"{APPS}.branches"]
INSTALLED_APPS = SHARED_APPS

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DYNSCHEMA = {"evolution": {"engine": os.environ.get("TEST_ENGINE", "inline")}}
POST_DEPLOY_CONTEXT_MANAGER = "dynschema.evolution.post_deploy.plugins.context.tenant.TenantContext"
