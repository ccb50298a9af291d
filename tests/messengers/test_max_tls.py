"""Whom MAX's connections trust, and what the doctor says of MAX."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiogram.exceptions import TelegramNetworkError

from bot.commands import doctor
from bot.config import MaxSettings, Receive, Settings, WebSettings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs.outbox import NOT_BEGUN
from bot.messengers.max.session import max_bot
from bot.models import Messenger
from bot.rules.chat_ids import coded
from tests.fakes.max import TOKEN, FakeMax, MaxError

ANNA = coded(Messenger.max, 555)
OPENSSL = shutil.which("openssl")


@dataclass(frozen=True)
class Authority:
    """A root of our own and a server's certificate it signed."""

    root: Path
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if OPENSSL is None:
        pytest.skip("the certificates are made by openssl")
    folder = tmp_path_factory.mktemp("tls")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 2 -subj /CN=Root"
        " -addext basicConstraints=critical,CA:TRUE",
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=127.0.0.1",
        "x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -out server.pem -days 2 -extfile names",
    ):
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        subprocess.run([OPENSSL, *command.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return Authority(folder / "root.pem", context)


@pytest.fixture
async def guarded(authority: Authority) -> AsyncIterator[FakeMax]:
    async with FakeMax(tls=authority.server) as server:
        server.meet(555)
        yield server


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[FakeMax]:
    async with FakeMax() as made:
        settings.max = MaxSettings(token=TOKEN, api_base=made.url)
        yield made


async def test_the_root_of_the_settings_is_trusted(guarded: FakeMax, authority: Authority, db: Database) -> None:
    bot = max_bot(db, MaxSettings(token=TOKEN, api_base=guarded.url, ca_file=str(authority.root)))
    await bot.send_message(ANNA, "слова")
    assert guarded.chats[555][0].text == "слова"
    await bot.session.close()


async def test_without_it_nothing_is_said(guarded: FakeMax, db: Database) -> None:
    bot = max_bot(db, MaxSettings(token=TOKEN, api_base=guarded.url))
    with pytest.raises(TelegramNetworkError) as caught:
        await bot.send_message(ANNA, "слова")
    assert caught.value.message.startswith(NOT_BEGUN)
    assert guarded.calls == []
    await bot.session.close()


async def test_nobody_else_trusts_it(guarded: FakeMax, authority: Authority, db: Database) -> None:
    from aiohttp import ClientConnectorCertificateError, ClientSession

    bot = max_bot(db, MaxSettings(token=TOKEN, api_base=guarded.url, ca_file=str(authority.root)))
    await bot.send_message(ANNA, "слова")
    async with ClientSession() as another:
        with pytest.raises(ClientConnectorCertificateError):
            await another.get(guarded.url)
    await bot.session.close()


@pytest.mark.parametrize("content", [None, "не сертификат"])
async def test_a_file_that_is_no_certificate_stops_only_max(tmp_path: Path, db: Database, content: str | None) -> None:
    path = tmp_path / "root.pem"
    if content is not None:
        path.write_text(content)
    bot = max_bot(db, MaxSettings(token=TOKEN, api_base="https://127.0.0.1:9", ca_file=str(path)))
    with pytest.raises(TelegramNetworkError, match="ClientConnectorCaFile"):
        await bot.send_message(ANNA, "слова")
    await bot.session.close()


# --- the doctor ---------------------------------------------------------------------------------------


async def test_the_doctor_on_certificates(
    guarded: FakeMax, authority: Authority, settings: Settings, tmp_path: Path
) -> None:
    settings.max = MaxSettings(token=TOKEN, api_base=guarded.url)
    assert (await doctor.max_(settings)).key == "doctor-max.certificate"
    settings.max.ca_file = str(authority.root)
    assert (await doctor.max_(settings)).key == "doctor-max.polling"
    settings.max.ca_file = str(tmp_path / "nothing.pem")
    found = await doctor.max_(settings)
    assert (found.key, found.args["path"]) == ("doctor-max.ca-file", settings.max.ca_file)
    (tmp_path / "nothing.pem").write_text("не сертификат")
    assert (await doctor.max_(settings)).key == "doctor-max.ca-file"


async def test_the_doctor_on_the_token_and_the_address(server: FakeMax, settings: Settings) -> None:
    server.errors["GET /me"].append(MaxError(429, "too.many.requests", "Limit is: 10 calls per second"))
    assert (await doctor.max_(settings)).key == "doctor-max.busy"
    server.faults.append("html")
    assert (await doctor.max_(settings)).key == "doctor-max.strange"
    server.token = "another"
    assert (await doctor.max_(settings)).key == "doctor-max.refused"
    settings.max.api_base = "http://127.0.0.1:9"
    assert (await doctor.max_(settings)).key == "doctor-max.unreachable"
    settings.max.secret = "не тот"
    assert (await doctor.max_(settings)).key == "doctor-max.secret"
    settings.max.token = ""
    assert (await doctor.max_(settings)).key == "doctor-max.off"


async def test_the_doctor_on_where_events_go(server: FakeMax, settings: Settings) -> None:
    server.subscriptions.append({"url": "https://old.example/hook", "time": 1})
    assert (await doctor.max_(settings)).key == "doctor-max.delivered-elsewhere"
    settings.max.receive = Receive.webhook
    assert (await doctor.max_(settings)).key == "doctor-max.webhook"
    settings.web = WebSettings(public_url="https://marshrut.example:8443")
    assert (await doctor.max_(settings)).key == "doctor-max.webhook"
    settings.web = WebSettings(public_url="https://marshrut.example")
    assert (await doctor.max_(settings)).key == "doctor-max.not-subscribed"
    server.subscriptions.append({"url": "https://marshrut.example/hooks/max", "time": 1})
    assert (await doctor.max_(settings)).key == "doctor-max.good"


async def test_every_finding_has_its_words(texts: Texts) -> None:
    t = texts.translator()
    args = {"name": "a", "url": "b", "path": "c", "reason": "d", "address": "e", "error": "f", "seconds": 1}
    for key in (
        "off", "good", "polling", "delivered-elsewhere", "not-subscribed", "webhook", "secret", "ca-file",
        "certificate", "refused", "busy", "unreachable", "strange",
    ):  # fmt: skip
        assert len(t(f"doctor-max.{key}", **args)) > 5
