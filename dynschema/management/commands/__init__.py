"""The commands, each in its file."""
