"""Deadline phrases: the table worked out by hand, the gold table where it is at hand, and what holds for any text."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.deadline import as_row, command
from bot.rules.deadlines import Deadline, Note, read

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLD = next(
    (
        place
        for base in (ROOT, *ROOT.parents[:2])
        if (place := base / "shared" / "roadmaps" / "deadlines-gold.jsonl").exists()
    ),
    None,
)
YEAR = 2024


def table(name: str = "deadlines.txt") -> list[tuple[str, str, str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = [tuple(cell.strip() for cell in line.split("|")) for line in lines if line and not line.startswith("#")]
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def dates(found: Deadline) -> list[str]:
    return [f"{start or ''}>{due}" for start, due in found.occurrences]


def asked(found: Deadline) -> set[str]:
    """Everything that makes a person look."""
    flags = {name for name in ("doubtful", "tentative", "error", "conflict") if getattr(found, name)}
    return flags | ({found.date_source} if found.date_source else set())


@pytest.mark.parametrize(("phrase", "kind", "expected", "asks"), table())
def test_phrase(phrase: str, kind: str, expected: str, asks: str) -> None:
    found = read(phrase, YEAR)
    assert (found.kind or "none") == kind
    assert asked(found) == set(asks.split())
    if expected != "*":  # A part is not read: the dates are for the person who looks.
        assert dates(found)[:3] == ([] if expected == "-" else expected.split())


@pytest.mark.parametrize(("phrase", "kind", "expected", "asks"), table("deadlines_plans.txt"))
def test_phrase_of_another_plan(phrase: str, kind: str, expected: str, asks: str) -> None:
    found = read(phrase, YEAR - 1)
    assert ((found.kind or "none"), asked(found)) == (kind, set(asks.split()))
    if expected != "*":
        assert dates(found)[:3] == ([] if expected == "-" else expected.split())


def test_phrases_of_other_regions() -> None:
    """Right, or a question: a wrong date nobody is asked about is the only thing that is never allowed."""
    rows = table("deadlines_regions.txt")
    wrong, silent = [], []
    for phrase, kind, expected, must_ask in rows:
        found = read(phrase, YEAR + 1)
        questions = asked(found)
        right = expected == "*" or dates(found)[:3] == ([] if expected == "-" else expected.split())
        right = right and (kind == "-" or found.kind == kind or (expected == "*" and bool(must_ask and questions)))
        right = right and bool(questions or not must_ask)
        if not right:
            wrong.append(phrase)
            if not questions:
                silent.append(phrase)
    print(f"other regions: {len(rows) - len(wrong)} of {len(rows)} right, {len(silent)} silent errors; wrong: {wrong}")
    assert silent == []
    assert len(wrong) <= len(rows) * 0.03


def test_the_gold_table() -> None:
    if GOLD is None:
        pytest.skip("../shared/roadmaps/deadlines-gold.jsonl is not here")
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    wrong, silent = [], []
    for row in rows:
        found = read(row["phrase"], row["anchor_year"], date(2023, 1, 1), date(2026, 12, 31))
        got = (found.kind, json.loads(json.dumps(found.occurrences, default=str)))
        if got != (row["class"], row["occurrences"]):
            wrong.append(row["phrase"])
            if not asked(found):
                silent.append(row["phrase"])
    print(f"gold: {len(rows) - len(wrong)} of {len(rows)} equal, {len(silent)} silent errors; differ: {wrong}")
    assert silent == []
    assert len(wrong) <= len(rows) * 0.03


PHRASES = [row[0] for row in table()]


@given(st.text(max_size=80))
def test_never_raises(text: str) -> None:
    found = read(text, YEAR)
    assert found.kind or asked(found)


PIECES = st.sampled_from([word for phrase in PHRASES for word in phrase.split()])


@given(st.lists(PIECES, max_size=9).map(" ".join), st.integers(1995, 2095))
def test_words_in_any_order_never_raise_and_dates_stay_in_bounds(text: str, year: int) -> None:
    found = read(text, year)
    as_row(found, Sentences())
    assert all(date(year, 1, 1) <= due <= date(year + 3, 12, 31) for _, due in found.occurrences)
    assert all(start is None or start <= due for start, due in found.occurrences)
    if found.kind is None:
        assert found.error


class Sentences(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


@given(st.sampled_from(PHRASES), st.sampled_from([str.upper, str.lower, str.capitalize]), st.booleans(), st.booleans())
def test_case_spaces_and_dashes_do_not_matter(phrase: str, case: Any, wide: bool, dash: bool) -> None:
    other = case(phrase)
    if wide:
        other = "  " + other.replace(" ", " \u00a0 ") + " "
    if dash:
        other = other.replace("-", "—").replace("–", "-")
    left, right = read(phrase, YEAR), read(other, YEAR)
    assert (left.kind, left.occurrences, left.rrule) == (right.kind, right.occurrences, right.rrule)


def same(left: Deadline, right: Deadline) -> bool:
    return (left.kind, left.occurrences, left.rrule, asked(left)) == (
        right.kind, right.occurrences, right.rrule, asked(right),
    )  # fmt: skip


YEAR_WORDS = re.compile(r"(?<=[0-9]{4})( ?г\.| год[ау]?\b|(?= *(?:[,;)–-]|$)))", re.IGNORECASE)
DATED = [phrase for phrase in PHRASES if YEAR_WORDS.search(phrase) and "учебн" not in phrase]


@given(st.sampled_from(DATED), st.sampled_from([" г.", "г.", " года", " г"]))
def test_the_word_for_the_year_does_not_matter(phrase: str, word: str) -> None:
    other = YEAR_WORDS.sub(word, phrase)
    assert same(read(phrase, YEAR), read(other, YEAR)), other


LIMITS = [
    ("до {}", "не позднее {}", "не позже {}", "в срок до {}", "к {}", "{}", "срок – до {}", "по {}"),
    ("до {} включительно", "в срок не позднее {}", "строго до {}"),
]
DAYS = st.sampled_from(["15 марта", "1 октября", "20 декабря", "28 февраля"])
YEARLY = st.sampled_from(["ежегодно", "каждый год", "1 раз в год", "Ежегодно", "раз в год", "один раз в год"])


@given(DAYS, YEARLY, st.sampled_from([limit for some in LIMITS for limit in some]), st.integers(0, 4))
def test_a_yearly_day_in_any_words_and_any_order(day: str, every: str, limit: str, order: int) -> None:
    until = limit.format(day)
    text = (f"{every} {until}", f"{every}, {until}", f"{until} {every}", f"{until} ({every})", f"{every} ({until})")[
        order
    ]
    plain, found = read(f"ежегодно до {day}", YEAR), read(text, YEAR)
    assert same(plain, found), text


WINDOWS = st.sampled_from(["март", "сентябрь–октябрь", "I квартал", "2 полугодие", "март, сентябрь", "1, 3 квартал"])


@given(WINDOWS, YEARLY, st.integers(0, 3))
def test_a_yearly_window_in_any_order(window: str, every: str, order: int) -> None:
    text = (f"{every} ({window})", f"{every}, {window}", f"{window} {every}", f"{window}, {every}")[order]
    assert same(read(f"ежегодно ({window})", YEAR), read(text, YEAR)), text


PLANS = st.sampled_from(["по плану института", "по отдельному графику", "согласно плану-графику", "по запросу школ"])
FIRST = st.sampled_from(["ежегодно", "ежемесячно", "постоянно", "в течение года", "май-июнь 2024"])


@given(FIRST, PLANS)
def test_a_plan_may_stand_first_or_last(first: str, plan: str) -> None:
    left, right = read(f"{first} ({plan})", YEAR), read(f"{plan}, {first}", YEAR)
    assert (left.kind, set(left.components), left.occurrences, left.date_source, asked(left)) == (
        right.kind, set(right.components), right.occurrences, right.date_source, asked(right),
    )  # fmt: skip


@given(st.sampled_from(PHRASES), st.sampled_from(["* ", "** ", "<p>", "\t", "_"]))
def test_marks_of_the_scanner_change_nothing(phrase: str, mark: str) -> None:
    assert same(read(phrase, YEAR), read(mark + phrase, YEAR))


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.sampled_from(["", " г.", "г.", " года", " год"]))
def test_any_date_is_read_however_its_year_is_written(day: date, tail: str) -> None:
    month = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
             "декабря"][day.month - 1]  # fmt: skip
    for text in (f"до {day.day} {month} {day.year}{tail}", f"до {day:%d.%m.%Y}{tail}"):
        found = read(text, YEAR)
        assert (found.kind, found.occurrences, asked(found)) == ("by_date", [(None, day)], set())


@given(st.sampled_from(PHRASES), st.integers(2020, 2030))
def test_the_rule_gives_the_due_dates(phrase: str, year: int) -> None:
    found = read(phrase, year)
    if found.rrule is None or found.dtstart is None:
        return
    rules = [(found.rrule, found.dtstart), *((more["rrule"], more["dtstart"]) for more in found.rrule_more)]
    since, until = datetime(year, 1, 1), datetime(year + 3, 12, 31)
    due = {
        moment.date()
        for text, first in rules
        for moment in rrulestr(text, dtstart=datetime.combine(first, time())).between(since, until, inc=True)
    }
    assert {day for _, day in found.occurrences} == due


WORD = st.text("бвгджзклмнпрстфхцчшщ", min_size=5, max_size=9)


@given(st.sampled_from(["до 15 марта 2024 года", "ежегодно", "март 2024", "ежеквартально"]), WORD, st.booleans())
def test_a_word_that_is_not_read_is_never_silent(phrase: str, word: str, ahead: bool) -> None:
    found = read(f"{word} {phrase}" if ahead else f"{phrase} {word}", YEAR)
    assert found.error is not None
    assert found.doubtful


def test_every_sentence_of_the_explanations_exists() -> None:
    text = "\n".join(place.read_text(encoding="utf-8") for place in (ROOT / "bot/rules/deadlines").glob("*.py"))
    keys = (ROOT / "locales/ru/deadlines.ftl").read_text(encoding="utf-8")
    named = set(re.findall(r'"(deadline-[a-z-]+)"', text))
    named |= {f"deadline-{key}" for key in re.findall(r'doubts\.append\("(?:\w+:)?([a-z-]+)"\)', text)}
    assert {key for key in named if f"\n{key} = " not in keys} == set()


def test_the_command_prints_one_line_a_phrase() -> None:
    lines = "ежегодно до 20 сентября\nдо 31 февраля 2024\n"
    result = CliRunner().invoke(command, ["-", "--year", "2024", "--json"], input=lines)
    first, second = (json.loads(line) for line in result.output.splitlines())
    assert result.exit_code == 1
    assert first["rrule"] == "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=20"
    assert second["error"]
    assert second["occurrences"] == []


def test_the_command_refuses_a_wrong_call() -> None:
    runner = CliRunner()
    assert runner.invoke(command, ["ежегодно"]).exit_code == 2
    assert runner.invoke(command, ["ежегодно", "--year", "2024", "--from", "завтра"]).exit_code == 2
    assert runner.invoke(command, ["ежегодно", "--year", "2024"]).exit_code == 0


def test_five_thousand_phrases_take_seconds() -> None:
    begin = datetime.now()
    for number in range(5000):
        read(PHRASES[number % len(PHRASES)], 2024 + number % 3)
    assert datetime.now() - begin < timedelta(seconds=30)


def test_a_note_is_a_value() -> None:
    assert Note("a") == Note("a")
