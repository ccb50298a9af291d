"""A practice is told step by step, looked through, sent, taken back."""

from __future__ import annotations

from io import BytesIO

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from bot.errors import UserError
from bot.filters import Press, one_of
from bot.handlers.practices.common import OnBank, Telling, says
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.rules.practices import FIELDS, Field
from bot.screens import practices as screens
from bot.services import files
from bot.services.documents import author_certificate
from bot.services.practices import looking, writing
from bot.ui.pager import Page
from bot.ui.show import explained

router = Router(name="practices-writing")
router.message.middleware(Turns())
personal = Router(name="practices-writing-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

CONTENT = F.text | F.document | F.photo | F.video | F.audio | F.voice


@personal.callback_query(Press("practices:new"))
async def new(event: CallbackQuery, turn: Turn) -> None:
    """What it takes; a draft that was begun goes on at once."""
    async with turn.db.read() as session:
        begun = await writing.begun(session, turn.caller.id)
    if begun is not None:
        await _check(turn, begun)
        return
    await turn.state.set_state(Telling.offered)
    await turn.show(screens.new(turn.t))


@personal.callback_query(Press("practices:begin"))
async def begin(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        number = await writing.begin(session, turn.caller.id, now=turn.now)
    await _step(turn, number, Field.heading)


@router.message(Telling.offered, F.text.as_("text"), ~F.text.startswith("/"), OnBank())
async def named_already(message: Message, text: str, turn: Turn) -> None:
    """Words before «Начать» are the title: nothing typed is typed again."""
    async with turn.db.begin() as session:
        number = await writing.begin(session, turn.caller.id, now=turn.now)
    await turn.state.set_state(Telling.step)
    await turn.state.update_data(practice=number, practice_step=Field.heading.value)
    await typed(message, turn)


@personal.callback_query(Press("practices:step"))
async def step(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _step(turn, int(args[0]), one_of(Field, args[1]))


@personal.callback_query(Press("practices:subject"))
async def subject(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await writing.set_subject(session, turn.caller.id, number, args[1], now=turn.now)
    await _step(turn, number, Field.place)


@personal.callback_query(Press("practices:pause"))
async def pause(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.go_to("practices:home")


@router.message(Telling.step, CONTENT, ~F.text.startswith("/"), OnBank())
async def typed(message: Message, turn: Turn) -> None:
    """Words of the step, or a file of the last one."""
    data = await turn.state.get_data()
    number, field = int(data.get("practice", 0)), Field(str(data.get("practice_step", Field.heading.value)))
    if message.text is None:
        await _file(message, turn, number)
        return
    try:
        async with turn.db.begin() as session:
            await writing.write(session, turn.caller.id, number, field, message.text, now=turn.now)
            told = await writing.told(session, turn.caller.id, number)
    except UserError as wrong:
        if wrong.buttons:
            raise
        # The step goes on waiting under the reason.
        with explained(turn.t(wrong.key, **wrong.args_for_text)):
            await _step(turn, number, field)
        return
    if field is Field.files:
        await _step(turn, number, Field.files)
        return
    empty = next((one for one in FIELDS[FIELDS.index(field) + 1 :] if not told.value(one)), None)
    if empty is None:
        await _check(turn, number)
    else:
        await _step(turn, number, empty)


async def _file(message: Message, turn: Turn, number: int) -> None:
    photo = message.photo[-1] if message.photo else None
    found = message.document or photo or message.video or message.audio or message.voice
    if found is None:
        raise SkipHandler
    name = getattr(found, "file_name", None) or ("photo.jpg" if message.photo else "file")
    media_type = getattr(found, "mime_type", None) or ("image/jpeg" if message.photo else "application/octet-stream")
    back = (("practices-check.go", f"practices:check:{number}"),)
    if not writing.suits(media_type):
        raise UserError("practices-file-type", buttons=back)
    limit = bot_of(message).limits.file_mb
    if (found.file_size or 0) > limit * 2**20:
        raise UserError("error-file-big", size=str(limit), buttons=back)
    buffer = BytesIO()
    await bot_of(message).download(found, destination=buffer)
    content = buffer.getvalue()
    words = await writing.looked_through(content, media_type)
    blob = await files.put(turn.settings, content)
    async with turn.db.begin() as session:
        kept = await writing.attach(
            session, turn.caller.id, number, blob, name=name, media_type=media_type, words=words, now=turn.now
        )
        told = await writing.told(session, turn.caller.id, number)
    if any(one.id == kept.id for one in told.files if one is screens.asked_about(told)):
        await turn.show(screens.pupils(turn.t, number, kept))
        return
    await _step(turn, number, Field.files)


@personal.callback_query(Press("practices:file-ok"))
async def file_ok(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.agree_file(session, turn.caller.id, int(args[0]), int(args[1]))
    await _step(turn, int(args[0]), Field.files)


@personal.callback_query(Press("practices:file-drop"))
async def file_drop(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.drop_file(session, turn.caller.id, int(args[0]), int(args[1]))
    await _step(turn, int(args[0]), Field.files)


@personal.callback_query(Press("practices:replace"))
async def replace(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The doubtful one goes, another is awaited."""
    await file_drop(event, args, turn)


@personal.callback_query(Press("practices:check"))
async def check(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _check(turn, int(args[0]))


@personal.callback_query(Press("practices:edit"))
async def edit(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(screens.edit(turn.t, int(args[0])))


@personal.callback_query(Press("practices:clean"))
async def clean(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.clean_words(session, turn.caller.id, int(args[0]), now=turn.now)
    await _check(turn, int(args[0]))


@personal.callback_query(Press("practices:words-ok"))
async def words_ok(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.agree_words(session, turn.caller.id, int(args[0]), now=turn.now)
    await _check(turn, int(args[0]))


@personal.callback_query(Press("practices:consent"))
async def consent(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(screens.consent(turn.t, int(args[0])))


@personal.callback_query(Press("practices:keep"))
async def keep(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Не публиковать»."""
    await turn.show(screens.kept(turn.t, int(args[0])))


@personal.callback_query(Press("practices:send"))
async def send(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, named = int(args[0]), args[1] == "named"
    async with turn.db.begin() as session:
        told = await writing.send(
            session, turn.caller.id, number, named=named, messenger=turn.caller.messenger, now=turn.now,
            speak=says(turn),
        )  # fmt: skip
    await turn.state.set_state(None)
    await turn.show(screens.sent(turn.t, told, until=told.due_on or turn.today, today=turn.today))


# --- afterwards ----------------------------------------------------------------------------------------


@personal.callback_query(Press("practices:mine"))
async def mine(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        lines, total = await writing.mine(session, turn.caller.id, number=number)
    await turn.show(screens.mine(turn.t, Page(lines, number, total)))


@personal.callback_query(Press("practices:own"))
async def own(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _own(turn, int(args[0]))


@personal.callback_query(Press("practices:take"))
async def take(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await writing.told(session, turn.caller.id, int(args[0]))
    await turn.show(screens.take(turn.t, told))


@personal.callback_query(Press("practices:taken"))
async def taken(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        before = await writing.take_back(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.taken(turn.t, int(args[0]), before))


@personal.callback_query(Press("practices:put-back"))
async def put_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.put_back(session, turn.caller.id, int(args[0]), now=turn.now)
    await _own(turn, int(args[0]))


@personal.callback_query(Press("practices:rename"))
async def rename(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await writing.rename(
            session, turn.caller.id, int(args[0]), named=args[1] == "named", messenger=turn.caller.messenger,
            now=turn.now,
        )  # fmt: skip
    await _own(turn, int(args[0]))


@personal.callback_query(Press("practices:later"))
async def later(event: CallbackQuery, turn: Turn) -> None:
    await turn.go_to("practices:mine:0")


@personal.callback_query(Press("practices:cert"))
async def certificate(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The paper is made when it is asked for: nothing of it lies about."""
    number = int(args[0])
    async with turn.db.read() as session:
        paper = await looking.own_paper(session, turn.caller.id, number)
    address = f"{turn.settings.public_url}/check/{paper.number}"
    pdf = await author_certificate.pdf_aside(turn.t, paper, check_url=address)
    await turn.show(screens.certificate(turn.t, paper, pdf, practice_id=number))


@router.message(StateFilter(Telling), CONTENT, ~F.text.startswith("/"))
async def elsewhere(message: Message, turn: Turn) -> None:
    """Another section's screen stands last: the words are not the bank's any more."""
    if await OnBank()(message, turn.caller):
        raise SkipHandler
    await turn.state.set_state(None)
    raise SkipHandler


async def _step(turn: Turn, number: int, field: Field) -> None:
    async with turn.db.read() as session:
        told = await writing.told(session, turn.caller.id, number)
        subjects = await writing.her_subjects(session, turn.caller.id) if field is Field.place else []
    if told.state not in writing.OPEN:
        await turn.show(screens.own(turn.t, told))
        return
    await turn.state.set_state(Telling.step)
    await turn.state.update_data(practice=number, practice_step=field.value)
    await turn.show(screens.step(turn.t, told, field, subjects=subjects))


async def _check(turn: Turn, number: int) -> None:
    """What is written; a file nobody has decided about comes first."""
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        told = await writing.told(session, turn.caller.id, number)
    if told.state not in writing.OPEN:
        await turn.show(screens.own(turn.t, told))
        return
    doubtful = screens.asked_about(told)
    if doubtful is not None:
        await turn.show(screens.pupils(turn.t, number, doubtful))
        return
    await turn.show(screens.check(turn.t, told))


async def _own(turn: Turn, number: int) -> None:
    async with turn.db.read() as session:
        told = await writing.told(session, turn.caller.id, number)
    await turn.show(screens.own(turn.t, told))


router.include_router(personal)
