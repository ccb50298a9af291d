"""Programmes with cohorts: belonging, meetings as events of a series, tasks between them, the end."""

from bot.services.programmes import belonging, ending, keeping, papers, reading, telling, templates, working

__all__ = ["belonging", "ending", "keeping", "papers", "reading", "telling", "templates", "working"]
