"""People write surveys in the admin; each survey has a table of its own."""
