"""An app with rows of every kind of primary key, and works on them."""
