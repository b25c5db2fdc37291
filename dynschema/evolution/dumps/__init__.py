"""Python dumps: a site as an editable program, which restores it into another schema or database.

* `dumping.dump` writes a folder: `restore.py`, one file per table, and a manifest.
* `script` has what `restore.py` uses; `restoring` loads its files in one transaction.
* `rebuilding` gives dynamic models their tables again, before their records come.
* `migrators` carry a dump from the version that made it to the version that restores it.

    from dynschema.evolution.dumps.migrators import Migrator, override

    class SiteMigrator(Migrator):
        version = "1.1"

        def migrate_from_1_0(self, globals_dict):
            return "1.1"

Restoring executes the Python code of a dump: restore only what you trust.
"""
