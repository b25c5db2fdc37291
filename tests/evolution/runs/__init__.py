"""Works, runs and engines."""
