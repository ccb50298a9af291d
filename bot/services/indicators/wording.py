"""An indicator in words: how the number is made, the number itself, doubts; for pages, papers and chats."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from bot.i18n import NBSP, Translator
from bot.rules.indicators.model import LEARNERS, PRACTICES, Compare, Count, Definition, Figure, Outcome, Rule
from bot.services.registers.kinds import kind_of


def how(t: Translator, one: Definition) -> list[str]:
    """Sentences that say how the number is made, in the order a person would."""
    if one.numerator is None:
        return [t("indicator-reason.broken")]
    said = [*_rule(t, one.numerator)]
    if one.denominator is not None:
        said.append(t("indicator-words.divide", what=one.denominator_text))
        if one.denominator.count is not Count.figure:
            said += [sentence for sentence in _rule(t, one.denominator) if sentence not in said]
    if one.compare is Compare.most:
        said.append(t("indicator-words.most"))
    elif one.compare is Compare.growth:
        said.append(t("indicator-words.growth"))
    return said


def value(t: Translator, one: Definition, found: Outcome) -> str:
    """«16,8 %», «38», «да»; a dash where there is no value."""
    if found.value is None:
        return t("indicator-value.none")
    if one.compare is Compare.yes:
        return t("indicator-value.yes" if found.met else "indicator-value.no")
    if one.compare is Compare.growth:
        return plain(found.value) if found.value <= 0 else t("indicator-value.more", n=plain(found.value))
    return f"{decimal(found.value)}{NBSP}%" if one.is_share else plain(found.value)


def target(t: Translator, one: Definition) -> str:
    """«≥ 25 %»; empty where the order names none."""
    if one.target is None:
        return t("indicator-value.lost")
    if one.compare is Compare.yes:
        return t("indicator-value.yes")
    if one.compare is Compare.growth:
        return t("indicator-value.growth")
    number = percent(one.target) if one.is_share else plain(one.target)
    sign = "≤" if one.compare in (Compare.most, Compare.at_most) else "≥" if one.compare is Compare.least else "="
    return f"{sign}{NBSP}{number}"


def gap(t: Translator, one: Definition, found: Outcome) -> str:
    """«не хватает 312 чел.», «выполнено, запас 73 чел.»; empty where there is nothing to compare."""
    if found.margin is None or found.gap is None:
        return ""
    if found.met is False and found.gap:
        return t("indicator-gap.missing", n=grouped(found.gap))
    if found.met and found.margin:
        return t("indicator-gap.spare", n=grouped(found.margin))
    return t("indicator-gap.met") if found.met else ""


def source(t: Translator, figure: Figure | None) -> str:
    """«ОО-1, состояние на 20.09.2025, внесла Соколова Т. И. 14.01.2026»."""
    if figure is None:
        return ""
    parts = [figure.source, figure.document]
    if figure.state_on is not None:
        parts.append(t("indicator-state-on", date=f"{figure.state_on:%d.%m.%Y}"))
    if figure.parts:
        parts.append(t("indicator-summed", n=figure.parts))
    return ", ".join(part for part in parts if part)


def sources(one: Definition, found: Outcome) -> list[tuple[str, Figure]]:
    """The entered numbers it stands on: of what («top», «bottom», «whole») and which."""
    parts = [("top" if one.denominator else "whole", found.counted_from), ("bottom", found.source)]
    return [(of, figure) for of, figure in parts if figure is not None]


def sourced(t: Translator, one: Definition, found: Outcome) -> str:
    """The same in a line; of two each is named."""
    known = sources(one, found)
    if len(known) < 2:
        return "".join(source(t, figure) for _, figure in known)
    return "; ".join(f"{t(f'indicator-source.{of}')}: {source(t, figure)}" for of, figure in known)


def doubts(t: Translator, found: Outcome) -> list[str]:
    """What a reader must know beside the number."""
    return [t(f"indicator-doubt.{doubt.key}", **_said(t, dict(doubt.args))) for doubt in found.doubts]


def _said(t: Translator, args: dict[str, int | str]) -> dict[str, int | str]:
    """Kinds of facts in words."""
    if "kinds" in args:
        args["kinds"] = ", ".join(fact(t, kind) for kind in str(args["kinds"]).split(", "))
    return args


def missing(t: Translator, key: str, args: dict[str, int | str]) -> str:
    """What is not entered yet."""
    return t(f"indicator-missing.{key}", **args)


def fact(t: Translator, kind: str) -> str:
    """A kind of fact in words; one without words as it is written."""
    key = f"indicator-fact.{kind.replace('_', '-')}"
    return t(key) if t.has(key) else kind


def decimal(number: Fraction) -> str:
    """One decimal, rounded half up: «16,8»."""
    tenths = floor(abs(number) * 10 + Fraction(1, 2))
    sign = "−" if number < 0 and tenths else ""
    return f"{sign}{grouped(tenths // 10)},{tenths % 10}"


def plain(number: Fraction) -> str:
    """Whole numbers whole, others with one decimal."""
    if number.denominator != 1:
        return decimal(number)
    return f"−{grouped(-int(number))}" if number < 0 else grouped(int(number))


def percent(number: Fraction) -> str:
    """«16,8 %», «50 %»."""
    return f"{plain(number)}{NBSP}%"


def signed(number: int) -> str:
    """«+18», «−9», «0»."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{grouped(abs(number))}"


def grouped(number: int) -> str:
    """«1 616»."""
    return f"{number:,}".replace(",", NBSP)


def _rule(t: Translator, rule: Rule) -> list[str]:
    if rule.count is Count.records:
        return _records(t, rule)
    facts = ", ".join(fact(t, kind) for kind in rule.facts)
    said = [t(f"indicator-words.{rule.count.value}", facts=facts)]
    said += [t(f"indicator-words.who-{one.value.replace('_', '-')}") for one in rule.who]
    for key, words in (("where", rule.where), ("but", rule.but)):
        said += [t(f"indicator-words.{key}", values=", ".join(_word(t, one) for one in values)) for _, values in words]
    if rule.after:
        said.append(t("indicator-words.after", facts=", ".join(fact(t, kind) for kind in rule.after)))
    if rule.carry:
        said.append(
            t("indicator-words.carry", months=rule.carry.months, until=", ".join(fact(t, k) for k in rule.carry.until))
        )
    if rule.count in (Count.people, Count.organisations):
        said.append(t("indicator-words.place"))
    return said


def _records(t: Translator, rule: Rule) -> list[str]:
    if rule.register == PRACTICES:
        said = [t("indicator-words.practices")]
        return [*said, *(t("indicator-words.reviewed") for field, _ in rule.where if field == "reviewed")]
    if rule.register == LEARNERS:
        said = [t("indicator-words.learners")]
        return [*said, *(t("indicator-words.tutored") for field, _ in rule.where if field == "tutor")]
    kind = kind_of(rule.register)
    said = [t("indicator-words.records", register=kind.title)]
    for key, words in (("where", rule.where), ("but", rule.but)):
        for name, values in words:
            field = kind.field(name)
            assert field is not None
            known = {"yes": t("registers-yes"), "no": t("registers-no")}
            titles = [field.options[one][0] if one in field.options else known.get(one, one) for one in values]
            said.append(t(f"indicator-words.{key}", values=f"{field.title}: {', '.join(titles)}"))
    dated = kind.field(rule.dated) if rule.dated else None
    if dated is not None:
        said.append(t("indicator-words.dated", field=dated.title))
    if rule.placed:
        said.append(t("indicator-words.placed"))
    return said


def _word(t: Translator, value_: str) -> str:
    key = f"indicator-mark.{value_}"
    return t(key) if value_.isascii() and t.has(key) else value_
