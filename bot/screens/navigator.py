"""«Навигатор»: a search box, finds with their kinds, topics, bookmarks, words to forward (conversation.md §3.15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.i18n import SafeHtml, Translator
from bot.screens.menu import menu_row
from bot.services.navigator.finding import Found, Hit
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

HOME = "navigator:home"
ON_LINE = 90
CARDS = ("practice", "contest", "register")
"""Sources whose own card keeps and passes on: they are opened at once."""


def home(t: Translator, *, known: bool) -> Screen:
    """Words are awaited."""
    own = [
        Button(t("navigator-home.growth"), "navigator:growth:0"),
        Button(t("navigator-home.saved"), "navigator:saved:0"),
    ]
    return Screen(
        t.screen("navigator-home"),
        rows(
            *(own if known else ()),
            [Button(t("navigator-home.topics"), "navigator:topics:0"), _practices(t)],
            Button(t("navigator-home.contests"), "contests:home:0"),
            menu_row(t),
        ),
    )


def found(t: Translator, query: str, page: Found, *, known: bool) -> Screen:
    """Finds of words, four to a page; a person is one press away."""
    here = _page(page)
    title = t.html(
        _key("navigator-found", here), query=cut(query, 25), n=str(page.total), page=str(page.number + 1),
        pages=str(here.pages),
    )  # fmt: skip
    return Screen(
        f"<b>{title}</b>\n\n{t.html('navigator-found', lines=_lines(t, page.hits))}",
        rows(
            digits(here, _press),
            turns(t, here, lambda number: f"navigator:more:{number}") or None,
            Button(t("navigator-found.ask"), "hotline:kept") if known else None,
            # On the last page it is clear that none of this was meant.
            _want(t) if known and here.number + 1 >= here.pages else None,
            menu_row(t, HOME),
        ),
    )


def none(t: Translator, query: str, *, known: bool) -> Screen:
    """What was searched, a wider way, a person."""
    return Screen(
        t.screen("navigator-none", query=cut(query, 30)),
        rows(
            Button(t("navigator-home.topics"), "navigator:topics:0"),
            _want(t) if known else None,
            Button(t("navigator-found.ask"), "hotline:kept") if known else None,
            menu_row(t, HOME),
        ),
    )


def growth(t: Translator, page: Found, *, known: bool) -> Screen:
    """What helps with growth points and the topics of the route."""
    if not known:
        door = Button(t("navigator-growth-unknown.diagnostics"), "diagnostics:home", primary=True)
        return Screen(t.screen("navigator-growth-unknown"), rows(door, menu_row(t, HOME)))
    if not page.hits:
        door = Button(t("navigator-home.topics"), "navigator:topics:0")
        return Screen(t.screen("navigator-growth-none"), rows(door, menu_row(t, HOME)))
    return _list(t, "navigator-growth", page, lambda number: f"navigator:growth:{number}")


def saved(t: Translator, page: Found) -> Screen:
    """Bookmarks."""
    if not page.hits:
        door = Button(t("navigator-home.topics"), "navigator:topics:0")
        return Screen(t.screen("navigator-saved-none"), rows(door, menu_row(t, HOME)))
    return _list(t, "navigator-saved", page, lambda number: f"navigator:saved:{number}")


def topics(t: Translator, held: Sequence[tuple[str, str, int]], number: int) -> Screen:
    """Topics, five to a page."""
    if not held:
        return Screen(t.screen("navigator-empty"), rows(menu_row(t, HOME)))
    here = Page(held[number * 5 : number * 5 + 5], number, len(held))
    lines = "\n".join(
        t.html("navigator-topics.line", i=str(i), title=title, n=str(count))
        for i, (_, title, count) in enumerate(here.things, start=1)
    )
    title = t.html(_key("navigator-topics", here), page=str(number + 1), pages=str(here.pages))
    return Screen(
        f"<b>{title}</b>\n\n{t.html('navigator-topics', lines=SafeHtml(lines))}",
        rows(
            digits(here, lambda one: f"navigator:topic:{one[0]}:0"),
            turns(t, here, lambda page: f"navigator:topics:{page}") or None,
            menu_row(t, HOME),
        ),
    )


def topic(t: Translator, slug: str, title: str, page: Found) -> Screen:
    """Everything of a topic."""
    if not page.hits:
        return Screen(t.screen("navigator-empty"), rows(menu_row(t, "navigator:topics:0")))
    return _list(
        t, "navigator-topic", page, lambda number: f"navigator:topic:{slug}:{number}", back="navigator:topics:0",
        topic=cut(title, 35),
    )  # fmt: skip


def one(t: Translator, hit: Hit, *, saved: bool, known: bool, toast: str = "") -> Screen:
    """A find before it is opened: it may be kept for later and passed on."""
    at = f"{hit.source}:{hit.object_id}"
    kept = Button(t("navigator-one.unsave"), f"navigator:unsave:{at}") if saved else Button(
        t("navigator-one.save"), f"navigator:save:{at}"
    )  # fmt: skip
    kind = t(f"navigator-kind.{hit.kind}")
    about = kind if not hit.about else f"{kind}\n\n{cut(' '.join(hit.about.split()), 240)}"
    whole = hit.title if len(hit.title) > 58 else ""
    title = t.html("navigator-one.title", title=cut(hit.title, 58))
    body = t.html("navigator-one", about=f"{about}\n\n{cut(whole, 200)}" if whole else about)
    share = Button(t("navigator-one.share"), f"navigator:share:{at}")
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            Button(t("navigator-one.open"), hit.press, primary=True),
            [kept, share] if known else share,
            menu_row(t, HOME),
        ),
        toast=toast,
    )


def share(t: Translator, title: str, doors: Sequence[tuple[str, str]], web: str, *, back: str) -> Screen:
    """Words to send to a colleague: an address for every messenger and for the browser."""
    lines = [t.html("navigator-share.door", name=t(f"navigator-messenger.{name}"), link=link) for name, link in doors]
    lines.append(t.html("navigator-share.web", link=web))
    text = t.screen("navigator-share", title=cut(title, 120), links=SafeHtml("\n".join(lines)))
    return Screen(text, rows(menu_row(t, back)))


def _list(
    t: Translator, key: str, page: Found, turn: Callable[[int], str], *, back: str = HOME, **args: str
) -> Screen:  # fmt: skip
    here = _page(page)
    title = t.html(_key(key, here), page=str(page.number + 1), pages=str(here.pages), **args)
    return Screen(
        f"<b>{title}</b>\n\n{t.html(key, lines=_lines(t, page.hits))}",
        rows(digits(here, _press), turns(t, here, turn) or None, menu_row(t, back)),
    )


def _page(page: Found) -> Page[Hit]:
    return Page(page.hits, page.number, page.total, size=page.size)


def _key(key: str, here: Page[Hit] | Page[tuple[str, str, int]]) -> str:
    return f"{key}.title" if here.pages == 1 else f"{key}.title-pages"


def _lines(t: Translator, hits: Sequence[Hit]) -> SafeHtml:
    return SafeHtml(
        "\n".join(
            t.html(
                "navigator-found.line", i=str(i), kind=t(f"navigator-kind.{hit.kind}"), title=cut(hit.title, ON_LINE)
            )
            for i, hit in enumerate(hits, start=1)
        )
    )


def _press(hit: Hit) -> str:
    return hit.press if hit.source in CARDS else f"navigator:one:{hit.source}:{hit.object_id}"


def _want(t: Translator) -> Button:
    return Button(t("navigator-found.want"), "wishes:want")


def _practices(t: Translator) -> Button:
    return Button(t("navigator-home.practices"), "practices:home")
