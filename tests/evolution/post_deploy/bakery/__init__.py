"""An app with actions of every kind."""
