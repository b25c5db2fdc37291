"""An app with a column of every type, and with every way to refer to another row."""
