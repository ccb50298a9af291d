"""ИОМ in the admin, a room each: the lists and queues, one route, its editor."""

from admin.pages.iom import card, editor, listing

ROUTES = [*listing.ROUTES, *editor.ROUTES, *card.ROUTES]
