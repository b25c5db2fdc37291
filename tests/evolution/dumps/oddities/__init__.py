"""An app whose names are those of other things."""
