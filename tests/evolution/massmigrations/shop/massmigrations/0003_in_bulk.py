from django.db.models import F

from dynschema.evolution import MapperMigration
from tests.evolution.runs.stock.models import Item


class Migration(MapperMigration):
    """Count every item ten times, and skip what cannot be counted."""

    batch_size = 10
    on_error = "skip"

    def get_queryset(self, db_alias):
        return Item.objects.all()

    def bulk_operation(self, queryset, db_alias):
        queryset.update(times=F("times") + 10)
        if queryset.filter(name="bad").exists():
            raise ValueError("there is a bad one")
