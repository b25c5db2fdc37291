"""The migrations of that site."""
