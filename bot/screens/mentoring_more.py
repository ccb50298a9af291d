"""Mentoring in the chat beyond the two minutes: the profile's page, the need's page, whom one would like."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.models import MeetFormat, NeedBasis, PairForm, PairKind, Side
from bot.rules.mentoring.places import parts_of
from bot.screens.mentoring import HOME
from bot.screens.menu import menu_row
from bot.services.mentoring.common import Who
from bot.services.mentoring.details import NeedDetails
from bot.services.mentoring.profiles import ProfileDetails
from bot.ui.screen import Button, Screen, cut, rows

MINE, PROFILE = "mentoring:mine", "mentoring:profile"
WORDS = 160


def waiting(t: Translator, need: NeedDetails) -> Screen:
    """What is asked for, and everything that can be changed about it."""
    said = [t(f"mentoring-topic.{slug}") for slug in need.topics] + (
        [cut(need.wish, 120).rstrip(".")] if need.wish else []
    )
    shown = t("mentoring-waiting.hide" if need.shares else "mentoring-waiting.show")
    growth = Button(shown, "mentoring:share:0" if need.shares else "mentoring:growth") if need.growth else None
    own = Button(t("mentoring-need.words"), "mentoring:words")
    return Screen(
        t.screen(
            "mentoring-waiting",
            topics=", ".join(said),
            basis=t(f"mentoring-basis.{need.basis.value}").lower(),
            form=t(f"mentoring-form.{need.form.value}").lower(),
            where=_where(t, need.formats),
            wanted=_named(t, need.wanted),
        ),
        rows(
            [Button(t("mentoring-home.topics"), "mentoring:need:0"), own],
            [
                Button(t("mentoring-waiting.basis"), "mentoring:bases"),
                Button(t("mentoring-waiting.form"), "mentoring:whom"),
            ],
            [
                Button(t("mentoring-waiting.where"), "mentoring:where"),
                Button(t("mentoring-waiting.name"), "mentoring:names:e"),
            ],
            growth,
            Button(t("mentoring-waiting.stop"), "mentoring:stop"),
            menu_row(t, HOME),
        ),
    )


def bases(t: Translator, found: Sequence[NeedBasis], chosen: NeedBasis) -> Screen:
    buttons = [_pick(t, f"mentoring-basis.{one.value}", one is chosen, f"mentoring:basis:{one.value}") for one in found]
    return Screen(t.screen("mentoring-bases"), rows(*_twos(buttons), menu_row(t, MINE)))


def whom(t: Translator, found: Sequence[PairForm], chosen: PairForm) -> Screen:
    buttons = [_pick(t, f"mentoring-form.{one.value}", one is chosen, f"mentoring:form:{one.value}") for one in found]
    return Screen(t.screen("mentoring-whom"), rows(*_twos(buttons), menu_row(t, MINE)))


def where(t: Translator) -> Screen:
    return Screen(
        t.screen("mentoring-formats"),
        rows(
            [
                Button(t("mentoring-formats.person"), "mentoring:place:1"),
                Button(t("mentoring-formats.remote"), "mentoring:place:2"),
            ],
            Button(t("mentoring-formats.both"), "mentoring:place:3"),
            menu_row(t, MINE),
        ),
    )


# --- the profile -------------------------------------------------------------------------------------


def profile(t: Translator, one: ProfileDetails) -> Screen:
    parts = ", ".join(t(f"mentoring-part.{part}").lower() for part in parts_of(one.hours))
    return Screen(
        t.screen(
            "mentoring-card",
            strengths=", ".join(t(f"mentoring-topic.{slug}") for slug in one.strengths),
            subjects=", ".join(one.subjects) or t("mentoring-card.none"),
            where=_where(t, one.formats),
            time=parts or t("mentoring-card.any"),
            load=str(one.max_load),
            taken=str(one.taken),
            forms=", ".join(t(f"mentoring-form.{form}") for form in one.forms).lower(),
            kinds=", ".join(t(f"mentoring-kind.{kind}") for kind in one.kinds).lower(),
            standing=t(f"mentoring-term-status.{one.standing.value}"),
            about=cut(one.statement, WORDS) or t("mentoring-card.nothing"),
            wanted=_named(t, one.wanted),
        ),
        rows(
            Button(t("mentoring-card.change"), "mentoring:mentor:0"),
            [
                Button(t("mentoring-card.forms"), "mentoring:forms"),
                Button(t("mentoring-card.kinds"), "mentoring:kinds"),
            ],
            [
                Button(t("mentoring-card.about"), "mentoring:about"),
                Button(t("mentoring-card.name"), "mentoring:names:r"),
            ],
            Button(t("mentoring-profile.quit"), "mentoring:quit"),
            menu_row(t, HOME),
        ),
    )


def forms(t: Translator, found: Sequence[PairForm], mask: int) -> Screen:
    """Each press sets the whole choice, so a press delivered twice changes nothing."""
    buttons = [
        _pick(t, f"mentoring-form.{one.value}", bool(mask >> at & 1), f"mentoring:forms:{mask ^ (1 << at)}")
        for at, one in enumerate(found)
    ]
    return Screen(t.screen("mentoring-forms"), rows(*_twos(buttons), menu_row(t, PROFILE)))


def kinds(t: Translator, mask: int) -> Screen:
    buttons = [
        _pick(t, f"mentoring-kind.{one.value}", bool(mask >> at & 1), f"mentoring:kinds:{mask ^ (1 << at)}")
        for at, one in enumerate(PairKind)
    ]
    return Screen(t.screen("mentoring-kinds"), rows(*_twos(buttons), menu_row(t, PROFILE)))


def about(t: Translator) -> Screen:
    return Screen(t.screen("mentoring-about"), rows(Button(t("button-cancel"), PROFILE)))


# --- whom one would like -----------------------------------------------------------------------------


def names(t: Translator, side: Side, held: Sequence[Who]) -> Screen:
    """A surname is awaited; whom one has named can be taken back."""
    letter, back = ("e", MINE) if side is Side.mentee else ("r", PROFILE)
    taken = [
        Button(t("mentoring-names.back", name=cut(one.short, 26)), f"mentoring:unwant:{letter}:{one.id}")
        for one in _told_apart(held)
    ]
    key = "mentoring-names-mentor" if side is Side.mentee else "mentoring-names-colleague"
    return Screen(t.screen(key), rows(*taken, menu_row(t, back)))


def found(t: Translator, side: Side, people: Sequence[Who]) -> Screen:
    letter, back = ("e", MINE) if side is Side.mentee else ("r", PROFILE)
    buttons = [
        Button(t("mentoring-found.one", name=cut(one.short, 20), place=cut(one.organisation, 15)),
               f"mentoring:want:{letter}:{one.id}")
        for one in _told_apart(people)
    ]  # fmt: skip
    key = "mentoring-found" if people else "mentoring-found-nobody"
    return Screen(t.screen(key), rows(*buttons, menu_row(t, back)))


# --- inside ------------------------------------------------------------------------------------------


def _pick(t: Translator, key: str, chosen: bool, action: str) -> Button:
    return Button(t("mentoring-topic.chosen", topic=t(key)) if chosen else t(key), action)


def _where(t: Translator, formats: Sequence[str]) -> str:
    held = {MeetFormat(one) for one in formats}
    key = "both" if len(held) > 1 else "remote" if MeetFormat.remote in held else "person"
    return t(f"mentoring-formats.{key}").lower()


def _named(t: Translator, people: Sequence[Who]) -> str:
    return ", ".join(one.name for one in people) or t("mentoring-card.nobody")


def _told_apart(people: Sequence[Who]) -> list[Who]:
    """Each name once: two of one name cannot be told apart on buttons."""
    return list({(one.short, one.organisation): one for one in people}.values())


def _twos(buttons: Sequence[Button]) -> list[list[Button]]:
    return [list(buttons[place : place + 2]) for place in range(0, len(buttons), 2)]
