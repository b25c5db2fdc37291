"""The classes in this process: how they are generated, and which ones are current.

Nothing here knows a blueprint or the history, and nothing runs a query.
"""
