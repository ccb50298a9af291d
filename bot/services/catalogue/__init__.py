"""The catalogue of activities: looking, editing, files; what a draft of a route chooses from."""

from bot.services.catalogue.content import load_file
from bot.services.catalogue.editing import Draft, archive, save
from bot.services.catalogue.looking import (
    ActivityCard,
    ActivityLine,
    CataloguePage,
    Filters,
    card,
    everything,
    find,
    lists,
    offers,
    page,
)
from bot.services.catalogue.shelf import Shelf, shelf

__all__ = [
    "ActivityCard", "ActivityLine", "CataloguePage", "Draft", "Filters", "Shelf", "archive", "card", "everything",
    "find", "lists", "load_file", "offers", "page", "save", "shelf",
]  # fmt: skip
