"""The operations, in the order in which the docs list them."""

from dynschema.schema.operations.add_constraint import AddConstraint
from dynschema.schema.operations.add_field import AddField
from dynschema.schema.operations.add_foreign_key import AddForeignKey
from dynschema.schema.operations.add_index import AddIndex
from dynschema.schema.operations.add_unique import AddUnique
from dynschema.schema.operations.base import Operation, operation_from_json
from dynschema.schema.operations.create_table import CreateTable
from dynschema.schema.operations.default_field import DefaultField
from dynschema.schema.operations.relax_field import RelaxField
from dynschema.schema.operations.remove_constraint import RemoveConstraint
from dynschema.schema.operations.remove_foreign_key import RemoveForeignKey
from dynschema.schema.operations.remove_index import RemoveIndex
from dynschema.schema.operations.remove_unique import RemoveUnique
from dynschema.schema.operations.rename_constraint import RenameConstraint
from dynschema.schema.operations.rename_field import RenameField
from dynschema.schema.operations.rename_table import RenameTable
from dynschema.schema.operations.restore_field import RestoreField
from dynschema.schema.operations.restore_table import RestoreTable
from dynschema.schema.operations.retire_field import RetireField
from dynschema.schema.operations.retire_table import RetireTable
from dynschema.schema.operations.tighten_field import TightenField
from dynschema.schema.operations.widen_field import WidenField

OPERATIONS: tuple[type[Operation], ...] = (
    CreateTable,
    RenameTable,
    RetireTable,
    RestoreTable,
    AddField,
    RenameField,
    RetireField,
    RestoreField,
    RelaxField,
    TightenField,
    WidenField,
    DefaultField,
    AddIndex,
    RemoveIndex,
    AddUnique,
    RemoveUnique,
    AddConstraint,
    RemoveConstraint,
    AddForeignKey,
    RemoveForeignKey,
    RenameConstraint,
)

__all__ = [
    "OPERATIONS",
    "AddConstraint",
    "AddField",
    "AddForeignKey",
    "AddIndex",
    "AddUnique",
    "CreateTable",
    "DefaultField",
    "Operation",
    "RelaxField",
    "RemoveConstraint",
    "RemoveForeignKey",
    "RemoveIndex",
    "RemoveUnique",
    "RenameConstraint",
    "RenameField",
    "RenameTable",
    "RestoreField",
    "RestoreTable",
    "RetireField",
    "RetireTable",
    "TightenField",
    "WidenField",
    "operation_from_json",
]
