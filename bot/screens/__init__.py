"""Screens: (translator, values) → Screen; no I/O."""
