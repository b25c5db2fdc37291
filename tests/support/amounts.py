"""A field as third parties write them: it brings a second one along, which has its unit."""

from __future__ import annotations

from typing import Any

from django.db import models


class AmountField(models.DecimalField):
    """Adds a column for the unit, numbered as the field before it, as some packages do."""

    unit_name = "{}_unit"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 9, "decimal_places": 2, "null": True, **options})

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        # A class inherits both from an abstract base, and there may be one unit for all amounts.
        unit_name = self.unit_name.format(name)
        if not hasattr(self, "unit") and unit_name not in _fields_of(cls):
            self.unit = models.CharField(max_length=3, default="EUR")
            self.unit.creation_counter = self.creation_counter - 1
            cls.add_to_class(unit_name, self.unit)
        super().contribute_to_class(cls, name, private_only)


class UnitFirstField(AmountField):
    unit_name = "unit_of_{}"


class OneUnitField(AmountField):
    unit_name = "currency"


class PlainAmountField(AmountField):
    """An amount as an earlier release of the package had it."""

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        models.DecimalField.contribute_to_class(self, cls, name, private_only)


def _fields_of(cls: Any) -> set[str]:
    return {each.name for each in cls._meta.local_fields}
