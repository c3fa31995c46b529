"""Keeping a site alive: its settings, its certificate, its backups, what is wrong with it. No rows of its own."""
