"""Authoring: a draft, its mistakes in words, the way to publication, versions that never change."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Change,
    CompetenceGroup,
    InstrumentVersion,
    Messenger,
    Purpose,
    Role,
    ScopeKind,
    VersionState,
)
from bot.services import diagnostics
from bot.services.access import Grant, Scope
from bot.services.diagnostics import InstrumentFile, InstrumentRefused, drafts, sheets
from bot.services.diagnostics.source import digest, parse, problems_of, read_yaml, write_yaml
from bot.services.identities import Caller
from tests.factories import NOW, make_person

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
FOLDER = ROOT / "data" / "instruments"


@pytest.fixture
def in_region() -> bool:
    return True


def task(**changes: object) -> dict[str, object]:
    return {
        "code": "А1", "kind": "single", "text": "Сколько будет два плюс два?", "short": "Сложение",
        "options": ["Три", "Четыре"], "key": 2, **changes,
    }  # fmt: skip


def test_file(*items: dict[str, object], **changes: object) -> InstrumentFile:
    raw = {
        "slug": "own-test", "title": "Свой тест", "audience": "teacher", "kind": "test_key", "subject": "math",
        "groups": [{"slug": "subject", "title": "Предметные", "items": list(items) or [task()]}], **changes,
    }  # fmt: skip
    return parse(raw, "test")


test_file.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (task(key=5), "key-outside"),
        (task(key="четыре"), "key-outside"),
        (task(key=0), "key-outside"),
        (task(key=None), "no-key"),
        (task(key=[1, 2]), "two-right"),
        (task(options=["Три"], key=1), "options"),
        (task(options=["Три", "три "]), "option-twice"),
        (task(kind="multiple", key=[1, 2]), "all-right"),
        (task(kind="multiple", key=[1, 1]), "key-twice"),
        (task(kind="order", key=[2]), "order-short"),
        (task(kind="number", options=[], key="много"), "no-number"),
        (task(kind="number", key=4), "options-typed"),
        (task(kind="text", options=[], key=[]), "no-words"),
        (task(kind="text", options=[], key=["?!"]), "no-words"),
        (task(kind="scale", options=[], key=None), "foreign-kind"),
        (task(options=["а" * 300, "б" * 300, "в" * 300]), "long"),
    ],
)
def test_a_mistake_of_a_task_is_named_with_its_code(item: dict[str, object], key: str) -> None:
    (problem,) = problems_of(test_file(item))
    assert problem.key == f"diagnostics-problem.{key}"
    assert problem.args["code"] == "А1"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"cuts": {"minimal": 50, "low": 60, "middle": 40}}, "cuts"),
        ({"kind": "self_likert"}, "scale"),
        ({"groups": []}, "no-groups"),
        ({"groups": [{"slug": "subject", "title": "Предметные"}]}, "empty-group"),
        ({"kind": "case_rubric"}, "no-case"),
    ],
)
def test_a_mistake_of_the_whole_is_named(changes: dict[str, object], key: str) -> None:
    assert f"diagnostics-problem.{key}" in [one.key for one in problems_of(test_file(**changes))]


def test_repeats_are_named() -> None:
    source = test_file(task(), task(), task(code="А2", text="Другой вопрос?"))
    assert [one.key for one in problems_of(source)] == [
        "diagnostics-problem.code-twice", "diagnostics-problem.text-twice",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_we_ship_survives_both_kinds_of_files(path: Path) -> None:
    source = read_yaml(path.read_bytes(), path.name)
    assert problems_of(source) == []
    assert digest(read_yaml(write_yaml(source), "again")) == digest(source)
    book = sheets.write_workbook(source)
    back = sheets.read_workbook(book, "again.xlsx")
    assert [(i.code, i.kind, i.text, i.options, i.answer_key, i.max_points) for i in back.items] == [
        (i.code, i.kind, i.text, i.options, i.answer_key, i.max_points) for i in source.items
    ]
    assert (back.bounds, back.scale, back.time_limit) == (dict(source.bounds), source.scale, source.time_limit)


def test_the_book_opens_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "test.xlsx"
    path.write_bytes(sheets.write_workbook(read_yaml((FOLDER / "test-math.yaml").read_bytes(), "x")))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Инструмент", "Группы", "Вопросы"]
    assert book["Вопросы"].max_row == 11


async def test_a_version_comes_back_as_the_file_it_was_made_of(db: Database) -> None:
    async with db.begin() as session:
        for path in sorted(FOLDER.glob("*.yaml")):
            source = read_yaml(path.read_bytes(), path.name)
            version_id = await session.scalar(
                select(InstrumentVersion.id).where(InstrumentVersion.content_hash == digest(source))
            )
            assert version_id is not None
            again = await drafts.source(session, STAFF, version_id)
            assert problems_of(again) == []
            assert [(i.code, i.text, i.answer_key, i.max_points, i.wordings) for i in again.items] == [
                (i.code, i.text, i.answer_key, i.max_points, i.wordings) for i in source.items
            ]


async def test_from_draft_to_verified_and_archived(db: Database) -> None:
    async with db.begin() as session:
        draft = await drafts.take_in(session, STAFF, test_file(task(key=5)), now=NOW)
        with pytest.raises(InstrumentRefused) as refusal:
            await drafts.advance(session, STAFF, draft, VersionState.review, now=NOW)
        assert refusal.value.problems[0].key == "diagnostics-problem.key-outside"
        await drafts.replace(session, STAFF, draft, test_file(), now=NOW)
        with pytest.raises(UserError, match="diagnostics-no-such-step"):
            await drafts.advance(session, STAFF, draft, VersionState.trial, now=NOW)
        await drafts.advance(session, STAFF, draft, VersionState.review, now=NOW)
        with pytest.raises(UserError, match="diagnostics-published"):
            await drafts.replace(session, STAFF, draft, test_file(), now=NOW)
        await drafts.advance(session, STAFF, draft, VersionState.trial, now=NOW)
        card = await drafts.card(session, STAFF, draft)
        assert card.state is VersionState.trial
        with pytest.raises(InstrumentRefused):
            await drafts.advance(session, STAFF, draft, VersionState.verified, now=NOW, protocol="7", on=NOW.date())
        (item,) = card.item_ids
        await drafts.rate(session, STAFF, draft, "Первая Анна", {item: 4}, now=NOW)
        await drafts.rate(session, STAFF, draft, "Вторая Вера", {item: 3}, now=NOW)
        with pytest.raises(InstrumentRefused) as refusal:
            await drafts.advance(
                session, STAFF, draft, VersionState.verified, now=NOW, protocol="7", on=NOW.date() + timedelta(1)
            )
        assert [one.key for one in refusal.value.problems] == ["diagnostics-problem.no-protocol-day"]
        await drafts.advance(
            session, STAFF, draft, VersionState.verified, now=NOW, protocol="№ 7", on=date(2026, 11, 20)
        )
        card = await drafts.card(session, STAFF, draft)
        assert (card.protocol, card.verified_on, card.experts) == (
            "№ 7", date(2026, 11, 20), ("Вторая Вера", "Первая Анна"),
        )  # fmt: skip
        assert card.relevance[item].i_cvi == 1
        assert not (await diagnostics.content_of(session, draft)).unverified
        await drafts.advance(session, STAFF, draft, VersionState.archived, now=NOW)
        actions = (await session.scalars(select(Change.action).order_by(Change.id))).all()
    assert actions == ["drafted", "edited", "to-review", "to-trial", "rated", "rated", "to-verified", "to-archived"]


async def test_experts_who_find_an_item_foreign_stop_it(db: Database) -> None:
    async with db.begin() as session:
        draft = await drafts.take_in(session, STAFF, test_file(), now=NOW)
        await drafts.advance(session, STAFF, draft, VersionState.review, now=NOW)
        (item,) = (await drafts.card(session, STAFF, draft)).item_ids
        for expert, rating in (("Первая Анна", 4), ("Вторая Вера", 1)):
            await drafts.rate(session, STAFF, draft, expert, {item: rating}, now=NOW)
        card = await drafts.card(session, STAFF, draft)
        assert (card.relevance[item].i_cvi, card.relevance[item].band) == (0.5, "red")
        for ratings in ({item: 5}, {item + 999: 3}, {}):
            with pytest.raises(UserError, match="diagnostics-ratings-wrong"):
                await drafts.rate(session, STAFF, draft, "Третья Инна", ratings, now=NOW)
        await drafts.advance(session, STAFF, draft, VersionState.draft, now=NOW)
        await drafts.replace(session, STAFF, draft, test_file(task(), task(code="А2", text="Ещё вопрос?")), now=NOW)
        kept = await drafts.card(session, STAFF, draft)
        assert [len(one.ratings) for one in kept.relevance.values()] == [2, 0]


async def test_an_edit_under_an_open_attempt_leaves_it_on_its_version(db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        first = await drafts.take_in(session, STAFF, test_file(), now=NOW)
        for state in (VersionState.review, VersionState.trial):
            await drafts.advance(session, STAFF, first, state, now=NOW)
        content = await diagnostics.content_of(session, first)
        caller = Caller(Messenger.web, 1, 1, person_id=person.id)
        offer = await diagnostics.start_offer(session, person.id, now=NOW, instrument=str(content.instrument_id))
        assert offer is not None
        await diagnostics.start(session, caller, offer, purpose=Purpose.official, now=NOW)
        second = await drafts.edit(session, STAFF, first, now=NOW)
        assert second != first
        assert await drafts.edit(session, STAFF, first, now=NOW) == second, "one draft at a time"
        await drafts.replace(session, STAFF, second, test_file(task(key=1)), now=NOW)
        for state in (VersionState.review, VersionState.trial):
            await drafts.advance(session, STAFF, second, state, now=NOW)
        await drafts.advance(session, STAFF, first, VersionState.archived, now=NOW)
        again = await diagnostics.start_offer(session, person.id, now=NOW, instrument=str(content.instrument_id))
        assert again is not None
        assert again.content.version_id == second, "whoever begins now gets the new version"
        assert again.open is not None
        assert again.open.content.version_id == first
        step = await diagnostics.choose(session, person.id, content.items[0].id, 2, now=NOW)
        assert step is not None
        await diagnostics.finish(session, person.id, now=NOW, on=NOW.date())
        attempt = (await session.scalars(select(Attempt))).one()
        assert (attempt.version_id, attempt.state, attempt.total_pct) == (first, AttemptState.finished, 100)


async def test_groups_come_from_the_reference(db: Database) -> None:
    async with db.begin() as session:
        raw = test_file().model_dump(mode="json")
        raw["groups"][0] |= {"slug": "astrology", "title": "Астрология"}
        draft = await drafts.take_in(session, STAFF, parse(raw, "x"), now=NOW)
        card = await drafts.card(session, STAFF, draft)
        assert [one.key for one in card.problems] == ["diagnostics-problem.group-unknown"]
        await drafts.save_group(session, STAFF, "astrology", "Астрология", now=NOW)
        assert (await drafts.card(session, STAFF, draft)).problems == ()
        assert await session.get(CompetenceGroup, "astrology") is not None
        with pytest.raises(UserError, match="diagnostics-group-slug"):
            await drafts.save_group(session, STAFF, "кириллица", "Группа", now=NOW)


async def test_only_the_centre_edits_and_sees_keys(db: Database) -> None:
    async with db.begin() as session:
        version = (await session.scalars(select(InstrumentVersion.id))).first()
        assert version is not None
        for role in (Role.methodist, Role.analyst, Role.curator, Role.teacher):
            scope = Scope(1, (Grant(role, ScopeKind.region),))
            with pytest.raises(NotAllowed):
                await drafts.take_in(session, scope, test_file(), now=NOW)
            with pytest.raises(NotAllowed):
                await drafts.source(session, scope, version)
            with pytest.raises(NotAllowed):
                await drafts.advance(session, scope, version, VersionState.archived, now=NOW)
