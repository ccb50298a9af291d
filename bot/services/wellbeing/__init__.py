"""Wellbeing: help contacts, instruments, waves that only count, what of them is published."""

from bot.services.wellbeing import contacts, instruments, waves
from bot.services.wellbeing.contacts import Help
from bot.services.wellbeing.instruments import Instrument
from bot.services.wellbeing.waves import Wave

__all__ = ["Help", "Instrument", "Wave", "contacts", "instruments", "waves"]
