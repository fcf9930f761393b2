"""The database: all SQL of the project. Knows rate, outcome and errors; nothing of network, HTTP or settings."""
