"""The HTTP API: a WSGI application over a database that it only reads. Never imports an exchange, or the collecting half."""
