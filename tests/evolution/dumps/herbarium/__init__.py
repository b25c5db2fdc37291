"""An app with the types that only PostgreSQL has."""
