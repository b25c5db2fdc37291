"""Mass migrations: their files, runs, gates, commands, admin pages and Django operation."""
