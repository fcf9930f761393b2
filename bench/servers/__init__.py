"""Small services over the same database, as they would be written with what a user would pick instead of ours."""
