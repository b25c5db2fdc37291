"""An action that is no transaction."""

from django.db import connection

from dynschema.evolution import post_deploy_action
from tests.evolution.runs.stock.models import Item


@post_deploy_action(auto=True, atomic=False)
def air():
    Item.objects.create(name="air" if not connection.in_atomic_block else "stuffy")
    if Item.objects.filter(name="bad").exists():
        raise ValueError("the window is stuck")
