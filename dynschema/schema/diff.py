"""Compares wanted, applied and actual, and returns the operations in between; no database.

Fields are matched by key, so a rename is a fact; indexes and constraints are matched by what they
are, so a name alone never makes one go. What the history does not know is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dynschema.exceptions import UnsupportedChangeError
from dynschema.schema.applied import Applied
from dynschema.schema.compare import current_columns, goes_with, is_ours, is_same_type, match
from dynschema.schema.operations import (
    AddConstraint,
    AddField,
    AddForeignKey,
    AddIndex,
    AddUnique,
    CreateTable,
    DefaultField,
    Operation,
    RelaxField,
    RemoveConstraint,
    RemoveForeignKey,
    RemoveIndex,
    RemoveUnique,
    RenameConstraint,
    RenameField,
    RenameTable,
    RestoreField,
    RestoreTable,
    RetireField,
    RetireTable,
    TightenField,
    WidenField,
)
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec

ORDER: tuple[type[Operation], ...] = (
    RenameTable,
    RestoreTable,
    RetireTable,
    CreateTable,
    RemoveForeignKey,
    RemoveConstraint,
    RemoveUnique,
    RemoveIndex,
    RetireField,
    RenameField,
    RenameConstraint,
    RelaxField,
    WidenField,
    DefaultField,
    AddField,
    RestoreField,
    TightenField,
    AddUnique,
    AddIndex,
    AddConstraint,
    AddForeignKey,
)
"""What goes makes room for what comes; tables stand before they are referred to."""


@dataclass(frozen=True)
class Difference:
    """What separates the actual table from the wanted one.

    Attributes:
        operations: the steps, in the order in which they run.
        repairs: those steps that undo what somebody changed by hand.
        unsure: what could not be told, or not be repaired, in words.
        extra: what we did not make and keep, in words.
    """

    operations: tuple[Operation, ...] = ()
    repairs: frozenset[Operation] = frozenset()
    unsure: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def diff(
    wanted: TableSpec | None,
    normal: TableSpec | None,
    actual: TableSpec | None,
    applied: Applied | None,
) -> Difference:
    """Compare the three descriptions of one table.

    Args:
        wanted: the table as definitions ask for it; None when no definition does.
        normal: the wanted table in the spelling of the server, under the names that the columns
            have now; None when the server could not be asked.
        actual: the table in the catalog; None when there is none.
        applied: the table in the history; None when it is new.

    Raises:
        UnsupportedChangeError: a definition asks for a change that has no operation.
    """
    if wanted is None:
        return _retirement(actual, applied)
    if actual is None or applied is None:
        return Difference((CreateTable(wanted.name, wanted),))
    return _Comparison(wanted, normal, actual, applied).difference()


def ordered(operations: list[Operation]) -> tuple[Operation, ...]:
    """Sort operations of one or of many tables into the order in which they can run."""
    return tuple(sorted(operations, key=lambda each: ORDER.index(type(each))))


def _retirement(actual: TableSpec | None, applied: Applied | None) -> Difference:
    if actual is None or applied is None or not applied.live:
        return Difference()
    gone = tuple(each for each in actual.constraints if each.references and is_ours(each, applied))
    return Difference((RetireTable(actual.name, gone),))


class _Comparison:
    def __init__(
        self, wanted: TableSpec, normal: TableSpec | None, actual: TableSpec, applied: Applied
    ) -> None:
        self.wanted = wanted
        self.normal = normal
        self.actual = actual
        self.applied = applied
        self.current = current_columns(wanted, applied)
        self.operations: list[Operation] = []
        self.repairs: set[Operation] = set()
        self.unsure: list[str] = []

    def difference(self) -> Difference:
        self._compare_table()
        self._compare_fields()
        self._retire_fields()
        unmatched = self._compare_constraints()
        self._remove_constraints(unmatched)
        return Difference(
            ordered(self.operations),
            frozenset(self.repairs),
            tuple(self.unsure),
            tuple(self._extra(unmatched)),
        )

    def _compare_table(self) -> None:
        if self.actual.name != self.wanted.name:
            self._do(RenameTable(self.actual.name, self.wanted.name))
        if not self.applied.live:
            self._do(RestoreTable(self.wanted.name))

    # Fields

    def _compare_fields(self) -> None:
        spelled = self.normal.fields if self.normal else (None,) * len(self.wanted.fields)
        for field, normal in zip(self.wanted.fields, spelled, strict=True):
            actual = self.actual.field(self.current.get(field.name, ""))
            if actual is None:
                self._do(AddField(self.wanted.name, field, self._own_constraints(field)))
            else:
                self._compare_field(field, normal, actual)

    def _compare_field(self, field: FieldSpec, normal: FieldSpec | None, actual: FieldSpec) -> None:
        if actual.name != field.name:
            self._do(RenameField(self.wanted.name, field.key, actual.name, field.name))
        asked = self.applied.wanted.field_by_key(field.key or "")
        before = self.applied.by_key[field.key or ""]
        known = (asked or before).meaning
        meaning = field.meaning if known is None else known
        if normal and normal.shape == actual.shape and meaning == field.meaning and before.live:
            return
        if normal is None:
            self._note_unless(asked, field)
            return
        now = replace(actual, name=field.name, key=field.key, meaning=meaning)
        drifted = bool(asked and asked.shape == field.shape) and meaning == field.meaning
        for operation in self._field_operations(replace(field, type=normal.type), normal, now):
            self._do(operation, drifted)
        if normal.extra != actual.extra:
            self._compare_extra(field, actual, drifted)

    def _field_operations(
        self, field: FieldSpec, normal: FieldSpec, actual: FieldSpec
    ) -> Iterator[Operation]:
        table = self.wanted.name
        if not is_same_type(normal.type, actual.type) or field.meaning != actual.meaning:
            yield WidenField(table, actual, field)
        if normal.default != actual.default and not self._keeps_default(field):
            yield DefaultField(table, actual, field)
        if not self.applied.by_key[field.key or ""].live:
            yield RestoreField(table, field)
        elif normal.null and not actual.null:
            yield RelaxField(table, field.key, field.name)
        elif actual.null and not normal.null:
            yield TightenField(table, field.key, field.name)

    def _keeps_default(self, field: FieldSpec) -> bool:
        """A default that no definition ever asked for serves stale writers, or somebody's hand."""
        asked = self.applied.wanted.field_by_key(field.key or "")
        return field.default is None and not (asked and asked.default is not None)

    def _compare_extra(self, field: FieldSpec, actual: FieldSpec, drifted: bool) -> None:
        found, asked_for = actual.extra or "nothing", field.extra or "nothing"
        if not drifted:
            raise UnsupportedChangeError(
                table=self.wanted.name,
                key=field.key,
                reason=f'the field "{field.name}" has {found} and should have {asked_for}',
                remedy="Add a new field, copy the values, and remove the old one.",
            )
        self.unsure.append(f'Field "{field.name}" has {found} where {asked_for} was asked for.')

    def _note_unless(self, asked: FieldSpec | None, field: FieldSpec) -> None:
        if asked is None or asked.shape != field.shape:
            self.unsure.append(f'Field "{field.name}": the server could not be asked.')

    def _retire_fields(self) -> None:
        wanted = {field.key for field in self.wanted.fields}
        for gone in self.applied.fields:
            actual = self.actual.field(gone.column)
            if gone.live and actual and gone.key not in wanted:
                self._refuse_primary_key(actual)
                constraints = tuple(self._blockers(actual))
                field = replace(actual, key=gone.key)
                self._do(RetireField(self.wanted.name, field, constraints))

    def _refuse_primary_key(self, column: FieldSpec) -> None:
        if "PRIMARY KEY" in column.extra:
            raise UnsupportedChangeError(
                table=self.wanted.name,
                key=self.wanted.key,
                reason=f'the field "{column.name}" is its primary key and cannot go',
                remedy="Keep the field.",
            )

    def _blockers(self, column: FieldSpec) -> Iterator[ConstraintSpec]:
        for each in self.actual.constraints_of(column.name):
            if each.columns == (column.name,) and each.kind != "check" and self._is_ours(each):
                yield each

    # Indexes and constraints

    def _own_constraints(self, field: FieldSpec) -> tuple[ConstraintSpec, ...]:
        return tuple(each for each in self.wanted.constraints if goes_with(each, field))

    def _compare_constraints(self) -> list[ConstraintSpec]:
        """Match wanted and actual ones; return the actual ones that nothing asks for."""
        unmatched = list(self.actual.constraints)
        spelled = self.normal.constraints if self.normal else (None,) * len(self.wanted.constraints)
        missing = []
        for wanted, normal in zip(self.wanted.constraints, spelled, strict=True):
            found = match(wanted, normal, unmatched, self.applied)
            if found is None:
                missing.append((wanted, normal))
            else:
                unmatched.remove(found)
                self._rename_constraint(wanted, found)
        for wanted, normal in missing:
            self._add_constraint(wanted, normal)
        return unmatched

    def _rename_constraint(self, wanted: ConstraintSpec, actual: ConstraintSpec) -> None:
        """Let the name follow; a nameless one, or somebody else's, keeps the name that it has."""
        if actual.name and actual.name != wanted.name and self._is_ours(actual):
            old = replace(wanted, name=actual.name, kind=actual.kind)
            self._do(RenameConstraint(self.wanted.name, old, wanted.name or ""))

    def _add_constraint(self, wanted: ConstraintSpec, normal: ConstraintSpec | None) -> None:
        if any(goes_with(wanted, field) for field in self._added_fields()):
            return
        asked = self.applied.live and wanted in self.applied.wanted.constraints
        if normal is None and asked:
            self.unsure.append(f'"{wanted.name}": the server could not be asked.')
            return
        self._do(_addition(self.wanted.name, wanted), asked)

    def _added_fields(self) -> Iterator[FieldSpec]:
        return (each.field for each in self.operations if isinstance(each, AddField))

    def _remove_constraints(self, unmatched: list[ConstraintSpec]) -> None:
        going = {
            constraint
            for each in self.operations
            if isinstance(each, RetireField)
            for constraint in each.constraints
        }
        for each in unmatched:
            if self._is_ours(each) and each not in going and not self._guards_retired(each):
                self._do(_removal(self.wanted.name, each))

    def _is_ours(self, constraint: ConstraintSpec) -> bool:
        return is_ours(constraint, self.applied)

    def _guards_retired(self, constraint: ConstraintSpec) -> bool:
        """A check of a retired column holds for an empty value, and waits for its return."""
        wanted = set(self.current.values())
        return constraint.kind == "check" and not wanted.intersection(constraint.columns)

    def _extra(self, unmatched: list[ConstraintSpec]) -> Iterator[str]:
        for field in self.actual.fields:
            if field.name.lower() not in self.applied.owners:
                yield f'column "{field.name}" ({field.type})'
        for each in unmatched:
            if not self._is_ours(each):
                yield f'{each.kind.replace("_", " ")} "{each.name or each.sql}"'

    def _do(self, operation: Operation, repairs: bool = False) -> None:
        self.operations.append(operation)
        if repairs:
            self.repairs.add(operation)


def _addition(table: str, constraint: ConstraintSpec) -> Operation:
    if constraint.kind == "foreign_key":
        return AddForeignKey(table, constraint)
    if constraint.unique:
        return AddUnique(table, constraint)
    return (AddIndex if constraint.kind == "index" else AddConstraint)(table, constraint)


def _removal(table: str, constraint: ConstraintSpec) -> Operation:
    if constraint.kind == "foreign_key":
        return RemoveForeignKey(table, constraint)
    if constraint.unique:
        return RemoveUnique(table, constraint)
    return (RemoveIndex if constraint.kind == "index" else RemoveConstraint)(table, constraint)
