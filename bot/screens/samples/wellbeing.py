"""Screens of «Самочувствие»: open and closed, with no telephone and with many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.i18n import Translator
from bot.rules.wellbeing import Contacts
from bot.screens import wellbeing
from bot.screens.events.wording import When
from bot.screens.samples.events import event_line
from bot.screens.samples.invented import BIG, NOW, TODAY, ZONE, Sample
from bot.services.wellbeing.contacts import Help, Line

SHORT = "Психологическая помощь МЧС"
LONG = "Служба психологической помощи педагогам при институте развития образования области"


def wellbeing_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    page = "https://marshrut.example/wellbeing"
    for name, told in (("usual", _help(2)), ("longest", _help(6)), ("bare", Help(Contacts.none, ()))):
        yield Sample(f"wellbeing.home {name}", wellbeing.home(t, opens=told.opens, page=page))
        yield Sample(f"wellbeing.contacts {name}", wellbeing.contacts(t, told))
        for unsent in (True, False):
            card = wellbeing.crisis(t, told, unsent=unsent, may_ask=unsent)
            yield Sample(f"wellbeing.crisis {name} {unsent}", card)
    yield Sample("wellbeing.kept", wellbeing.kept(t))
    for count in (0, 1, 4):
        found = [event_line(BIG - n, long=count == 4) for n in range(count)]
        yield Sample(f"wellbeing.classes {count}", wellbeing.classes(t, found, When(NOW, ZONE)))
    for state in (Contacts.soon, Contacts.stale, Contacts.none):
        yield Sample(f"wellbeing.notice {state.value}", wellbeing.notice(t, state))


def _help(count: int) -> Help:
    many = count > 2
    return Help(
        Contacts.fresh,
        tuple(
            Line(
                BIG - n,
                LONG if many else SHORT,
                "8 (800) 000-00-00 доб. 12345",
                "круглосуточно, кроме праздников" if many else "",
                n % 4 == 1,
                TODAY - timedelta(days=12),
            )
            for n in range(count)
        ),
    )
