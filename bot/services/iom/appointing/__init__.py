"""Appointing methodists: by rules or by choice, handing over when one leaves, undoing, telling."""

from bot.services.iom.appointing.deeds import UNDO_WITHIN, Told, appoint, to_tell, told, undo
from bot.services.iom.appointing.lists import (
    Line,
    Load,
    Made,
    Teacher,
    appointments,
    loads,
    methodist,
    teachers,
    without_methodist,
)
from bot.services.iom.appointing.plans import Group, Move, Plan, Share, plan, plan_leaving

__all__ = [
    "UNDO_WITHIN", "Group", "Line", "Load", "Made", "Move", "Plan", "Share", "Teacher", "Told", "appoint",
    "appointments", "loads", "methodist", "plan", "plan_leaving", "teachers", "to_tell", "told", "undo",
    "without_methodist",
]  # fmt: skip
