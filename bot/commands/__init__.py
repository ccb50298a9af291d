"""One file a command; each imports only what it needs."""
