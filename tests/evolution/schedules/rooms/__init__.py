"""An app with rooms that are cleaned again and again."""
