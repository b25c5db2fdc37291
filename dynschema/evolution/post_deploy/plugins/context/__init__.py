"""Which context actions are given: a class that `context_manager` names."""

from dynschema.evolution.contexts import DefaultContext

__all__ = ["DefaultContext"]
