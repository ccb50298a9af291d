"""The roadmap that runs itself: saving, schedules, people, reminders, evidence, reports."""

from __future__ import annotations

from bot.services.roadmap.saving import Heading, Named, Row, Saved, save, start

__all__ = ["Heading", "Named", "Row", "Saved", "save", "start"]
