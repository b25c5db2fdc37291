"""The migrations of a site that follows Sisy's page on data migrations."""
