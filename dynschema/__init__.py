"""Lets people change their own tables while a Django site runs; nothing is lost."""

__version__ = "0.1.0.dev0"
