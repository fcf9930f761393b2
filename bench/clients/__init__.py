"""Ways of fanning out over one exchange, a program each: this service's, and what a user would write instead."""
