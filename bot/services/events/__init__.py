"""Events: the calendar, sign-up with a waiting list, attendance, what is given after."""

from bot.services.events.looking import next_step

__all__ = ["next_step"]
