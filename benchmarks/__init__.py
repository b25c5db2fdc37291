"""Measures what dynschema costs, beside what the same work costs without it."""
