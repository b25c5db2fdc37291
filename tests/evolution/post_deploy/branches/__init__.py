"""An app with a table in each schema."""
