"""Schedules: what is due when, who calls it, and what becomes of the records of other systems."""
