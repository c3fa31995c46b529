"""What has to happen by the clock: one ticker under a lease of the database, with a heartbeat."""
