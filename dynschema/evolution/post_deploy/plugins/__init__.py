"""What can be exchanged: where actions execute, and which context they are given."""
