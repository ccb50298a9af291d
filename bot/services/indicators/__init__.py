"""Indicators: definitions of the pack, numbers of statistics, counting, lists, snapshots, changes."""
