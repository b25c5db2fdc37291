"""An action that behaves differently in the schema of the whole site, and one that fails there."""

from django_tenants.utils import parse_tenant_config_path

from dynschema.evolution import post_deploy_action
from tests.evolution.post_deploy.branches.models import Note


@post_deploy_action
def greet():
    if parse_tenant_config_path("") == "public":
        Note.objects.create(text="hello, everybody")
    else:
        Note.objects.create(text=f"hello, {parse_tenant_config_path('')}")


@post_deploy_action(auto=False)
def count_guests():
    Note.objects.create(text="no guests")
