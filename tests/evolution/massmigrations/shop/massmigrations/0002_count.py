from dynschema.evolution import MapperMigration


class Migration(MapperMigration):
    """Count every item once.

    The sign counts as well.
    """

    dependencies = [("shop", "0001_open")]
    batch_size = 10

    def get_queryset(self, db_alias):
        return self.apps.get_model("stock", "Item").objects.all()

    def operation(self, obj, db_alias):
        obj.times += 1
        obj.save(using=db_alias)
        if obj.name == "bad":
            raise ValueError("it is bad")
