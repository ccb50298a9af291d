"""Papers of the routes: values in, bytes of DOCX and XLSX out. Nothing is asked of the database."""

from bot.services.documents.order_list import OrderLine, order_list
from bot.services.documents.records import Column, problems_sheet, records_list, records_sheet
from bot.services.documents.register import RegisterLine, register
from bot.services.documents.route_card import Deficit, Goal, RouteCard, RouteLine, route_card

__all__ = [
    "Column", "Deficit", "Goal", "OrderLine", "RegisterLine", "RouteCard", "RouteLine", "order_list", "problems_sheet",
    "records_list", "records_sheet", "register", "route_card",
]  # fmt: skip
