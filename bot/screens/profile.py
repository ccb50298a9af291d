"""Profile, my data, consents, another messenger, roles (conversation.md §3.3, §3.16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator, date_ru
from bot.models import ConsentKind, ScopeKind
from bot.screens.menu import guest_rows, menu_row
from bot.services.consents import Given
from bot.services.invitations import Offer
from bot.services.linking import Linked
from bot.services.my_data import Sections
from bot.services.people import Profile
from bot.services.privacy import Look, Stored
from bot.ui.pager import Page, turns
from bot.ui.screen import Attachment, Button, Screen, rows

WINDOWS = (("morning", "8-10"), ("day", "14-18"), ("evening", "18-20"), ("answers", "answers"))
USUAL_WINDOW = "14-18"


def home(t: Translator, profile: Profile, *, zone: ZoneInfo, today: date, forms: int = 0) -> Screen:
    """``forms``: how many wait to be filled in."""
    if profile.delete_after is not None:
        return deleting(t, profile.delete_after, zone=zone, today=today)
    text = t.screen(
        "people-home",
        fio=profile.full_name,
        org=", ".join(part for part in (profile.organisation, profile.municipality) if part),
        work=", ".join([profile.position, *profile.subjects]),
    )
    if not profile.confirmed:
        text += "\n\n" + t("people-home.unconfirmed")
    return Screen(
        text,
        rows(
            [Button(t("people-home.change"), "people:change"), Button(t("people-home.data"), "people:data")],
            Button(t("people-home.link"), "people:link"),
            [Button(t("people-home.when"), "people:when"), Button(t("people-home.rubrics"), "broadcasts:rubrics:0")],
            Button(t("people-home.consents"), "consents:home"),
            Button(t("people-home.forms", n=forms), "forms:home:0") if forms else None,
            menu_row(t),
        ),
    )


def change(t: Translator) -> Screen:
    return Screen(
        t.screen("people-change"),
        rows(
            [Button(t("people-fix.name"), "people:edit:name"), Button(t("people-fix.org"), "people:edit:org")],
            [
                Button(t("people-fix.position"), "people:edit:position"),
                Button(t("people-fix.subject"), "people:edit:subject"),
            ],
            Button(t("people-fix.years"), "people:edit:years"),
            menu_row(t, "people:home"),
        ),
    )


def data(t: Translator, stored: Stored) -> Screen:
    text = t.screen(
        "people-data",
        attempts=stored.attempts,
        steps=stored.iom_steps,
        events=stored.registrations,
        questions=stored.questions,
    )
    return Screen(
        text,
        rows(
            [Button(t("people-data.download"), "people:download"), Button(t("people-data.viewed"), "people:viewed:0")],
            [Button(t("people-home.consents"), "consents:home"), Button(t("people-data.delete"), "people:delete")],
            menu_row(t, "people:home"),
        ),
    )


def viewed(t: Translator, page: Page[Look], *, zone: ZoneInfo, today: date) -> Screen:
    back = menu_row(t, "people:data")
    if not page.total:
        return Screen(t.screen("people-viewed-none"), rows(back))
    lines = [
        t.html(
            "people-viewed.line",
            date=t.day(look.at.astimezone(zone).date(), today=today),
            person=look.name or t("people-viewed.gone"),
            role=t(f"people-roles.{look.role}") if look.role else t("people-viewed.gone"),
            what=t(f"people-viewed.{look.what}") if t.has(f"people-viewed.{look.what}") else look.what,
        )
        for look in page.things
    ]
    return Screen(
        t.screen("people-viewed", lines=SafeHtml("\n".join(lines))),
        rows(
            turns(t, page, lambda number: f"people:viewed:{number}") or None,
            Button(t("people-viewed.report"), "people:report"),
            back,
        ),
    )


def reported(t: Translator, number: int, due: datetime, *, zone: ZoneInfo, today: date) -> Screen:
    day = t.day(due.astimezone(zone).date(), today=today)
    return Screen(t.screen("people-reported", number=str(number), date=day), rows(menu_row(t, "people:data")))


def privacy_notice(t: Translator, kind: str, number: int, due: datetime, *, zone: ZoneInfo) -> Screen:
    """For the one responsible for data: no name goes through a messenger."""
    text = t.screen(
        "people-privacy-notice",
        kind=t(f"people-privacy-notice.{kind}"),
        number=str(number),
        date=date_ru(due.astimezone(zone).date()),
    )
    return Screen(text, rows(menu_row(t)))


def files(t: Translator, *, content: bytes, name: str, media_type: str, first: bool) -> Screen:
    """One of the two files; the words stand under the first."""
    attachment = Attachment(name, content, media_type)
    if not first:
        return Screen(f"<b>{t('people-file.title')}</b>", rows(menu_row(t)), attachment=attachment).kept()
    return Screen(t.screen("people-file"), (), attachment=attachment).kept()


def my_data_labels(t: Translator, sections: Sections) -> dict[str, str]:
    """Words for the sections, columns and values of the readable file."""
    labels = {"": t("my-data.title")}
    for section, found in sections.items():
        labels[section] = t(f"my-data-sections.{section}")
        for row in found:
            for column, value in row.items():
                labels[column] = t(f"my-data.{column}")
                if isinstance(value, Enum):
                    name = f"{type(value).__name__}.{value.value}"
                    labels[name] = t(f"{VALUES[type(value).__name__]}.{value.value}")
    return labels


VALUES = {
    "Messenger": "people-messengers",
    "Role": "people-roles",
    "Purpose": "my-data-purposes",
    "AttemptState": "my-data-states",
    "DeficitLevel": "my-data-levels",
    "IomState": "iom-state",
    "StepState": "iom-step-state",
    "ActivityKind": "catalogue-kind",
    "FactKind": "my-data-facts",
    "RegistrationState": "events-registration",
    "AttendanceMethod": "events-method",
    "BroadcastKind": "broadcasts-kinds",
    "Subscription": "indicators-subscription",
    "MemberState": "programmes-state",
    "JoinedBy": "programmes-how",
    "WorkState": "programmes-work",
    "SlotState": "tutorials-state",
    "TicketTheme": "hotline-theme",
    "TicketState": "hotline-state",
}
"""Kind of value → the message whose attributes name it."""


def consents(t: Translator, given: Sequence[Given], *, zone: ZoneInfo, today: date) -> Screen:
    lines = [
        t.html(
            "people-consents.line",
            i=str(i),
            title=consent.title,
            date=t.day(consent.given_at.astimezone(zone).date(), today=today),
        )
        for i, consent in enumerate(given, start=1)
    ]
    text = t.screen("people-consents", lines=SafeHtml("\n".join(lines) or t("people-consents.none")))
    actions: list[list[Button]] = []
    for consent in given:
        kind = t(f"people-consents.{consent.kind.value}")
        actions.append([Button(t("people-consents.read", kind=kind), f"consents:read:{consent.kind.value}:0")])
        actions.append([Button(t("people-consents.withdraw", kind=kind), f"consents:withdraw:{consent.kind.value}")])
    give = None
    if all(consent.kind is not ConsentKind.news for consent in given):
        give = Button(t("people-consents.give"), "consents:give:news")
    return Screen(text, rows(*actions[:4], give, menu_row(t, "people:home")))


def withdraw(t: Translator, kind: ConsentKind) -> Screen:
    """One screen that names the consequence, verbs on both buttons."""
    text = t.screen(
        "people-withdraw",
        effect=t(f"people-withdraw.effect-{kind.value}"),
        consent=t(f"people-consents.{kind.value}"),
    )
    return Screen(
        text,
        rows(
            Button(t("people-withdraw.do"), f"consents:withdrawn:{kind.value}"),
            Button(t("button-keep"), "consents:home"),
        ),
    )


def withdrawn(t: Translator, kind: ConsentKind) -> Screen:
    text = t.screen("people-withdrawn", consent=t(f"people-consents.{kind.value}"))
    undo = Button(t("button-undo"), f"consents:give:{kind.value}")
    return Screen(text, rows(undo, menu_row(t, "consents:home")))


def delete(t: Translator, until: datetime, *, zone: ZoneInfo, today: date) -> Screen:
    day = t.day(until.astimezone(zone).date(), today=today)
    return Screen(
        t.screen("people-delete", date=day),
        rows(
            Button(t("people-delete.first"), "people:download"),
            Button(t("people-delete.do"), "people:delete-now"),
            Button(t("button-keep"), "people:data"),
        ),
    )


def deleting(t: Translator, until: datetime, *, zone: ZoneInfo, today: date) -> Screen:
    day = t.day(until.astimezone(zone).date(), today=today)
    text = t.screen("people-deleting", date=day)
    return Screen(text, rows(Button(t("people-deleting.cancel"), "people:keep"))).kept()


def kept(t: Translator) -> Screen:
    return Screen(t.screen("people-kept"), rows(menu_row(t)))


def deleted(t: Translator, number: int, day: date) -> Screen:
    text = t.screen("people-deleted", number=str(number), date=date_ru(day))
    return Screen(text, rows(Button(t("button-acquaint"), "people:begin"))).kept()


def when(t: Translator, window: str) -> Screen:
    text = t.screen("people-when", now=t(f"people-when.now-{window or USUAL_WINDOW}"))
    choices = [Button(t(f"people-when.{label}"), f"people:window:{value}") for label, value in WINDOWS]
    return Screen(text, rows(*choices, menu_row(t, "people:home")))


# --- another messenger --------------------------------------------------------------------------------


def have(t: Translator, *, phrase: bool) -> Screen:
    """The guest's side: waits for a code."""
    by_phrase = Button(t("people-have.phrase"), "phrase:enter") if phrase else None
    closed = Button(t("people-have.closed"), "people:lost")
    return Screen(t.screen("people-have"), rows(by_phrase, closed, Button(t("button-cancel"), "menu:cancel")))


def code(t: Translator, code: str, doors: Sequence[tuple[str, str]]) -> Screen:
    """``doors``: messengers and addresses where it may be typed."""
    return Screen(
        t.screen("people-code", code=code),
        rows(
            *(Button(t(f"people-code.{name}"), url=url) for name, url in doors),
            Button(t("people-code.phrase"), "phrase:show"),
            Button(t("people-code.cancel"), "people:code-cancel"),
            Button(t("button-back"), "people:home"),
        ),
    )


def code_cancelled(t: Translator) -> Screen:
    return Screen(t.screen("people-code-cancelled"), rows(menu_row(t, "people:home")))


def linked(t: Translator, linked: Linked) -> Screen:
    here = Button(t("people-linked.here"), f"people:prefer:{linked.identity_id}", primary=True)
    before = [
        Button(
            t("people-linked.before", channel=t(f"people-messengers.{other.value}")), f"people:prefer-old:{other.value}"
        )
        for other in linked.others[:3]
    ]
    return Screen(t.screen("people-linked", name=linked.short_name), rows(here, *before, menu_row(t))).kept()


def linked_notice(t: Translator, messenger: str, identity_id: int, moment: datetime, zone: ZoneInfo) -> Screen:
    local = moment.astimezone(zone)
    text = t.screen(
        "people-linked-notice",
        date=t.day(local.date(), today=local.date()),
        time=f"{local:%H:%M}",
        channel=t(f"people-messengers.{messenger}"),
    )
    return Screen(
        text,
        rows(
            Button(t("people-linked-notice.mine"), "menu:home"),
            Button(t("people-linked-notice.unlink"), f"people:unlink:{identity_id}"),
        ),
    ).kept()


def two_profiles(t: Translator, here: Profile, other: Profile) -> Screen:
    """The chat has a profile already and the code opens another: both are named, one answer joins them."""
    text = t.screen("people-two", here=_place(t, here), other=_place(t, other))
    return Screen(text, rows(Button(t("people-two.join"), "people:unite"), Button(t("button-keep"), "people:home")))


def _place(t: Translator, profile: Profile) -> str:
    return ", ".join(part for part in (profile.full_name, profile.organisation) if part)


def preferred(t: Translator, messenger: str) -> Screen:
    channel = t(f"people-messengers.{messenger}")
    return Screen(t.screen("people-preferred", channel=channel), rows(menu_row(t)))


def unlinked(t: Translator) -> Screen:
    return Screen(t.screen("people-unlinked"), rows(menu_row(t)))


def lost(t: Translator, phone: str) -> Screen:
    first = guest_rows(t)[0]
    return Screen(t.screen("people-lost", phone=phone), rows(first, menu_row(t)))


# --- roles --------------------------------------------------------------------------------------------


def role_offer(t: Translator, offer: Offer) -> Screen:
    place = offer.place
    if offer.kind in (ScopeKind.region, ScopeKind.assigned, ScopeKind.theme):
        place = t(f"people-role-offer.{offer.kind.value}")
    text = t.screen(
        "people-role-offer", role=t(f"people-roles.{offer.role.value}"), scope=place, date=date_ru(offer.until)
    )
    return Screen(
        text,
        rows(
            Button(t("people-role-offer.accept"), f"people:role-yes:{offer.invitation_id}:{offer.token}", primary=True),
            Button(t("people-role-offer.not-me"), "people:role-no", primary=True),
        ),
    ).kept()


def role_accepted(t: Translator, role: str) -> Screen:
    return Screen(t.screen("people-role-accepted", role=t(f"people-roles.{role}")), rows(menu_row(t)))


def role_declined(t: Translator) -> Screen:
    return Screen(t.screen("people-role-declined"), rows(menu_row(t)))
