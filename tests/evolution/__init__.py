"""The data half."""
