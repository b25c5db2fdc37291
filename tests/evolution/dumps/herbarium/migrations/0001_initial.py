from django.db import connection, migrations, models

operations = []
if connection.vendor == "postgresql":
    from django.contrib.postgres import fields, operations as extensions, search

    from tests.evolution.dumps.museum.models import ColourField

    ranges = fields.IntegerRangeField()
    decimals = models.DecimalField(decimal_places=2, max_digits=6)
    empty = {"blank": True, "null": True}
    operations = [
        extensions.HStoreExtension(),
        migrations.CreateModel(
            "Specimen",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("numbers", fields.ArrayField(models.IntegerField(), **empty)),
                ("grid", fields.ArrayField(fields.ArrayField(decimals), **empty)),
                ("whole", fields.IntegerRangeField(**empty)),
                ("exact", fields.DecimalRangeField(**empty)),
                ("days", fields.DateRangeField(**empty)),
                ("moments", fields.DateTimeRangeField(**empty)),
                ("spans", fields.ArrayField(fields.DateRangeField(), **empty)),
                ("labels", fields.ArrayField(models.TextField(null=True), **empty)),
                ("colours", fields.ArrayField(ColourField(), **empty)),
                ("notes", fields.ArrayField(models.JSONField(null=True), **empty)),
                ("layers", fields.ArrayField(fields.ArrayField(ranges), **empty)),
                ("properties", fields.HStoreField(**empty)),
                ("words", search.SearchVectorField(**empty)),
            ],
        ),
    ]


class Migration(migrations.Migration):
    initial = True
    operations = operations
