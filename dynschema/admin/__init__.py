"""The admin pages of definitions, and of the records of every dynamic model."""

from dynschema.admin.definitions import DefinitionAdmin
from dynschema.admin.records import RecordAdmin

__all__ = ["DefinitionAdmin", "RecordAdmin"]
