"""Services decide: functions with the session first. They know neither aiogram nor Starlette."""
