"""The admin of the kinds."""

from django.contrib import admin

from dynschema.admin import DefinitionAdmin
from tests.processes.elsewhere.models import Kind

admin.site.register(Kind, DefinitionAdmin)
