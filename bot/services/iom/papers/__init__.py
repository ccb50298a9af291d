"""Papers of routes from what is stored: the route card, the register, the list that goes with an order."""

from bot.services.iom.papers.card import card, own_card
from bot.services.iom.papers.lists import Annex, Order, RegisterFilters, annex, orders, register, register_size

__all__ = ["Annex", "Order", "RegisterFilters", "annex", "card", "orders", "own_card", "register", "register_size"]
