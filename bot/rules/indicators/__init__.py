"""Indicators: definitions, periods, counting over arrays of facts, judging, the ledger of changes."""
