"""The demonstration: an invented region, the same for the same arguments, marked as such."""

from bot.services.demo.fill import Mark, fill, mark_of, staff_links

__all__ = ["Mark", "fill", "mark_of", "staff_links"]
