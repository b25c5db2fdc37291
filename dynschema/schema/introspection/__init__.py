"""What the live catalog says about tables, read in bulk, and how it would spell a wanted one."""
