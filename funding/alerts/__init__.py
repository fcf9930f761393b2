"""Alerts: what is found wrong or worth knowing, judged, kept in an outbox, sent. Knows no exchange and no web framework."""
