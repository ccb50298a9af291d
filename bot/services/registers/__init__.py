"""Registers: kinds as data, records with history, tables in and out, views of what other subjects hold."""

from bot.services.registers.editing import Draft, forget, save
from bot.services.registers.keeping import Due, appoint, confirm, keepers
from bot.services.registers.kinds import Kind, columns, kind_of, kinds
from bot.services.registers.looking import (
    Card,
    Filters,
    Line,
    Page,
    RegisterLine,
    VersionLine,
    allowed,
    card,
    everything,
    having,
    listing,
    page,
    require,
    standing,
)

__all__ = [
    "Card", "Draft", "Due", "Filters", "Kind", "Line", "Page", "RegisterLine", "VersionLine", "allowed", "appoint",
    "card", "columns", "confirm", "everything", "forget", "having", "keepers", "kind_of", "kinds", "listing",
    "page", "require", "save", "standing",
]  # fmt: skip
