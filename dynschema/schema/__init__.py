"""What a table is, how two tables differ, and how one becomes the other."""
