"""One table with injected fields on its way through a sync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.comparing import normal_of
from dynschema.evolution.inject.lost_targets import still_out_of_use
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.compare import claimed, current_columns
from dynschema.schema.diff import Difference, diff
from dynschema.schema.spec import ConstraintSpec, TableSpec

MOST_CHARACTERS = 100
"""What the history keeps of the name of a model."""


@dataclass
class Subject:
    """One table on its way through a sync."""

    connection: BaseDatabaseWrapper
    key: str
    label: str
    """The model, for people."""
    wanted: TableSpec | None
    """None when the table itself goes."""
    applied: Applied | None
    """As the history left it, with what was found and is ours from now on."""
    before: Applied | None
    """As the history left it; None when the table is new to it."""
    is_own: bool
    """True when all columns are ours: the table is there for an injected field."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of fields, by column."""
    actual: TableSpec | None = None
    """Of the table of an app, our columns alone."""
    other_keys: dict[str, str] = field(default_factory=dict)
    """The keys that fields have from now on, by those that they had."""
    former: tuple[ConstraintSpec, ...] = ()
    """The foreign keys of columns that were not in use."""
    returned: tuple[ConstraintSpec, ...] = ()
    """Those whose target was deleted and is there again."""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.wanted.name if self.wanted else self.applied.name if self.applied else ""

    @property
    def model_name(self) -> str:
        """The model, as far as the history has room for it."""
        return self.label[:MOST_CHARACTERS]

    @property
    def difference(self) -> Difference:
        """What separates the table from the wanted one."""
        return diff(self.wanted, self._normal(self._now()), self.actual, self.applied)

    def normal(self) -> TableSpec | None:
        """Return the wanted table as the server spells it; None if it cannot be asked."""
        return self._normal(self.wanted)

    def remembered(self, actual: TableSpec) -> Applied:
        """Return what the history is to know of the table once it is as wanted."""
        before = self.applied or self.blank()
        if self.wanted is None:
            return replace(before, live=False)
        found = claimed(self.wanted, self.normal(), actual, self.before)
        fields = tuple(self._remembered_fields(self.wanted, before))
        away = {each.column for each in fields if not each.live}
        former = still_out_of_use((*self.former, *before.wanted.constraints), self.returned, away)
        wanted = replace(self.wanted, constraints=(*self.wanted.constraints, *former))
        return replace(
            before, name=actual.name, fields=fields, wanted=wanted, actual=found, live=True
        )

    @property
    def is_moved(self) -> bool:
        """True when there is something to remember, even if nothing is to be done."""
        if self.before is None or self.applied is None:
            return self.actual is not None
        if self.returned:
            return True
        if self.wanted and _lasting(self.wanted) != _lasting(self.before.wanted):
            return True
        known = self.before.name, self.before.fields
        return known != (self.applied.name, self.applied.fields)

    def blank(self) -> Applied:
        """Return the table as one in which nothing is ours yet."""
        nothing = TableSpec(self.table, ())
        return Applied(
            key=self.key,
            name=self.table,
            model_name=self.model_name,
            fields=(),
            wanted=nothing,
            actual=nothing,
            definition="" if self.is_own else self.label,
        )

    def ours(self, actual: TableSpec) -> TableSpec:
        """Return the part of a table that may be changed."""
        if self.is_own:
            return actual
        columns = {each.column for each in self.applied.fields} if self.applied else set()
        columns |= {each.name for each in self.wanted.fields} if self.wanted else set()
        return replace(
            actual,
            fields=tuple(each for each in actual.fields if each.name in columns),
            constraints=tuple(
                each for each in actual.constraints if each.columns and {*each.columns} <= columns
            ),
        )

    def _remembered_fields(self, wanted: TableSpec, before: Applied) -> Iterator[AppliedField]:
        known = before.by_key
        for each in wanted.fields:
            key, name = each.key or "", self.names.get(each.name, each.name)
            former = known.get(key, AppliedField(key, name, each.name))
            columns = dict.fromkeys((*former.former_columns, former.column))
            columns.pop(each.name, None)
            former_columns = tuple(columns)
            yield AppliedField(
                key, name, each.name, former_columns=former_columns, meaning=each.meaning
            )
        for key in sorted(known.keys() - {each.key for each in wanted.fields}):
            yield replace(known[key], live=False)

    def _now(self) -> TableSpec | None:
        """Return the wanted table under the names that its columns have now."""
        if self.wanted is None or self.applied is None or self.actual is None:
            return None
        columns = current_columns(self.wanted, self.applied)
        return self.wanted.renamed(self.actual.name, columns)

    def _normal(self, wanted: TableSpec | None) -> TableSpec | None:
        return normal_of(self.connection, wanted, self.applied) if wanted else None


def _lasting(wanted: TableSpec) -> Any:
    """Return what is the same each time that the code is read; the present moment is not."""
    return [(each.key, each.name, each.shape) for each in wanted.fields], wanted.constraints
