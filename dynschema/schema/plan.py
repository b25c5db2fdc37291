"""The plan: the operations that turn one table into the wanted one, as data that prints itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dynschema.exceptions import UnsupportedChangeError
from dynschema.schema.hazards import Hazard
from dynschema.schema.operations import Operation, RenameTable, operation_from_json
from dynschema.schema.serial import to_json


@dataclass(frozen=True)
class Plan:
    """What is intended for one table; nothing has happened yet. False when nothing will."""

    table: str
    """The table's name once the plan is carried out."""
    key: str
    """The lasting identity of the table, e.g. `survey:3`."""
    operations: tuple[Operation, ...] = ()
    """In the order in which they run."""
    unsure: tuple[str, ...] = ()
    """What the comparison could not tell, and what is therefore left as it is."""
    extra: tuple[str, ...] = ()
    """Objects of the table that we did not make, and keep."""
    hazards: tuple[Hazard, ...] = ()
    """What the operations may do to others, as far as the data has been asked."""
    sql: tuple[str, ...] = ()
    """The statements, once the plan has been previewed or carried out."""

    def __bool__(self) -> bool:
        return bool(self.operations)

    def __str__(self) -> str:
        steps = [f"{number}. {each.describe()}" for number, each in enumerate(self.operations, 1)]
        lines = [f'Plan for table "{self.table}" ({self.key}):', *(steps or ["Nothing to do."])]
        lines += _section("Hazards", [f"{each.code}: {each.text}" for each in self.hazards])
        lines += _section("Not sure, left alone", self.unsure)
        lines += _section("Not made by dynschema, kept", self.extra)
        lines += _section("SQL", [f"{each};" for each in self.sql])
        return "\n".join(lines)

    def reverse(self) -> Plan:
        """Return the plan that undoes this one, last operation first; no hazards known yet.

        Raises:
            UnsupportedChangeError: an operation cannot be undone.
        """
        operations = tuple(self._undo(each) for each in reversed(self.operations))
        names = [each.new for each in operations if isinstance(each, RenameTable)]
        return Plan([self.table, *names][-1], self.key, operations)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as a dict that JSON can hold."""
        operations = [each.as_json() for each in self.operations]
        return {**to_json(self), "operations": operations}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        """Return the plan that `as_json` was called on."""
        return cls(
            table=data["table"],
            key=data["key"],
            operations=tuple(map(operation_from_json, data["operations"])),
            unsure=tuple(data.get("unsure", ())),
            extra=tuple(data.get("extra", ())),
            hazards=tuple(Hazard(**each) for each in data.get("hazards", ())),
            sql=tuple(data.get("sql", ())),
        )

    def _undo(self, operation: Operation) -> Operation:
        reverse = operation.reverse()
        if reverse is None:
            raise UnsupportedChangeError(
                table=self.table,
                key=self.key,
                reason=f"this step cannot be undone: {operation.describe()}".rstrip("."),
                remedy="Change the definition instead.",
            )
        return reverse


def _section(title: str, lines: list[str] | tuple[str, ...]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)] if lines else []
