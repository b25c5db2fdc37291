"""The admin pages of the data half."""
