"""Pure arithmetic: no session, no clock of its own, no network."""
