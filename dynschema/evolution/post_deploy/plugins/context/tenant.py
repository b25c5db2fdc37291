"""Actions execute in the schema of the tenant for which they were launched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django_tenants.utils import get_tenant_database_alias, schema_context, schema_exists

from dynschema.evolution.contexts import DefaultContext
from dynschema.evolution.post_deploy.exceptions import UnknownSchemaError


class TenantContext(DefaultContext):
    """Carries the name of the schema of django-tenants."""

    def default_parameters(self) -> dict[str, Any]:
        """Return the schema of this moment."""
        connection: Any = connections[get_tenant_database_alias()]
        return {"schema": connection.schema_name}

    @contextmanager
    def execute(self) -> Iterator[None]:
        """Enter the schema.

        Raises:
            UnknownSchemaError: there is none of that name; PostgreSQL would go on in `public`.
        """
        schema = self.parameters["schema"]
        if not schema_exists(schema):
            raise UnknownSchemaError(schema=schema)
        with schema_context(schema):
            yield
