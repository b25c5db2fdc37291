"""An app whose actions cannot be imported."""
