"""Events: the calendar, sign-up with a waiting list, attendance, what is given after."""
