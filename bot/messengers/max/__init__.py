"""MAX: a client, a session, updates and a receiver of our own."""
