"""How the stored records came to be."""
