"""Messengers as aiogram sessions."""
