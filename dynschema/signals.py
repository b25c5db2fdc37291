"""The signals that are sent, each with its moment and its payload."""

from django.dispatch import Signal

table_changed = Signal()
"""A change of a table was committed.

Sent after the commit, in the process that made the change.

Args:
    sender: the blueprint.
    key (str): the lasting identity of the table, `survey:3`.
    plan (Plan): what was done.
    epoch (int): the number that the change moved to.
"""

model_built = Signal()
"""A dynamic model has become the current one in this process.

Args:
    sender: the new class.
    key (str): the lasting identity of its table.
"""
