"""A site whose definitions live in another database than its users."""
