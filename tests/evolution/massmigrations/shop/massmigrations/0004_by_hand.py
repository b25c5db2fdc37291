from dynschema.evolution import BaseMigration
from tests.evolution.runs.stock.models import Item


class Migration(BaseMigration):
    """Make an item for each letter."""

    batch_size = 2

    def items(self):
        return list("abcde")

    def process(self, item):
        Item.objects.using(self.using).create(name=item)
