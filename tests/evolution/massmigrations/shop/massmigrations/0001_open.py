from dynschema.evolution import SimpleMigration
from tests.evolution.runs.stock.models import Item


class Migration(SimpleMigration):
    """Put a sign on the door."""

    def operation(self, db_alias):
        Item.objects.using(db_alias).create(name="sign")
