"""The command line: one file per command, and what they share. Reads the environment, builds every object; nobody imports it."""
