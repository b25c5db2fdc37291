"""A plugin with a table of its own, to which the fields refer that it injects."""

SHOP = """
class Shop(models.Model):
    name = models.CharField(max_length=9)
"""
ONE = """
inject_field("library.Book", "shop", models.ForeignKey(Shop, models.CASCADE, null=True,
    related_name="+"))
"""
RELATIONS = """
def relations():
    with connection.cursor() as cursor:
        return sorted(
            f"{table}.{column}"
            for table in ("library_book", "library_person")
            for column in connection.introspection.get_relations(cursor, table)
        )

def rows(*columns, table="library_book"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
        return [list(each) for each in cursor.fetchall()]

def unsettled():
    "Tell what another sync would do; no row may refer to one that is not there."
    from dynschema.evolution.inject.syncing import plan_injected
    connection.check_constraints()
    return [str(each) for each in plan_injected("default")]
"""


def plugged(site, text):
    """Let the plugin have migrations of its own, and migrate."""
    site.plug(f"{SHOP}{text}")
    site.write({"plugin/migrations/__init__.py": ""})
    site.manage("makemigrations", "-v0", "plugin")
    site.manage("migrate", "-v0")


def ask(site, code):
    """Run code that knows the plugin's models and can look at tables."""
    return site.ask(f"from plugin.models import *\n{RELATIONS}\n{code}")
