"""A field as third parties write them: it brings a second one along, which has its unit."""

from __future__ import annotations

from typing import Any

from django.db import models


class AmountField(models.DecimalField):
    """Adds the column `<name>_unit`, numbered as the field before it, as some packages do."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 9, "decimal_places": 2, "null": True, **options})

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        if not hasattr(self, "unit"):  # A class inherits both from an abstract base.
            self.unit = models.CharField(max_length=3, default="EUR")
            self.unit.creation_counter = self.creation_counter - 1
            cls.add_to_class(f"{name}_unit", self.unit)
        super().contribute_to_class(cls, name, private_only)
