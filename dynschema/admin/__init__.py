"""The admin pages of definitions, and of the records of every dynamic model."""

from dynschema.admin.definitions import DefinitionAdmin, FieldDefinitionAdmin
from dynschema.admin.records import RecordAdmin

__all__ = ["DefinitionAdmin", "FieldDefinitionAdmin", "RecordAdmin"]
