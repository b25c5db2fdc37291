"""An app that is installed after the bakery."""
