"""The tenants of a site on django-tenants."""
