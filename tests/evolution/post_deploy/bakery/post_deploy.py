"""Actions that leave an item each; an item named "bad" makes one of them fail."""

from dynschema.evolution import post_deploy_action
from tests.evolution.runs.stock.models import Item


@post_deploy_action
def sweep():
    Item.objects.create(name="sweep")


@post_deploy_action(auto=False, description="after closing time")
def paint():
    Item.objects.create(name="paint")


@post_deploy_action
def arrange():
    Item.objects.create(name="arrange")
    if Item.objects.filter(name="bad").exists():
        raise ValueError("a bad item\nis in the way")
