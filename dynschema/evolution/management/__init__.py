"""The commands of the data half."""
