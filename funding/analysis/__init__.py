"""What follows from the rows: pure functions. No SQL, no clock, no network."""
