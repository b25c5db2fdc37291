"""What other packages have recorded."""
