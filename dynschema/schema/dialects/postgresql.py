"""How PostgreSQL is spoken to."""

from dynschema.schema.editors.postgresql import PostgreSQLEditor, preview
from dynschema.schema.introspection.postgresql import read_names, read_prints, read_tables
from dynschema.schema.introspection.postgresql_scratch import Normaliser

__all__ = ["can_try", "editor", "normal", "preview", "read_names", "read_prints", "read_tables"]

can_try = True
editor = PostgreSQLEditor
normal = Normaliser().normal
