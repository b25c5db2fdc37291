"""The mass migrations of the shop."""
