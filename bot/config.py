"""Settings: environment or ``.env``, nested with ``__``; read once at start."""

from __future__ import annotations

import os
import secrets
import sys
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds ``data``, ``locales`` and ``migrations``."""


EXAMPLE_HEAD = """\
# Настройки «Маршрута»: скопируйте этот файл в .env и уберите «# » перед тем, что меняете.
# Показаны значения по умолчанию. Пока нет ни .env, ни DATABASE_URL, запускается демонстрация.
# Проверить, что получилось: python -m bot doctor"""


class Policy(StrEnum):
    """What personal data a messenger may carry (41-ФЗ; 149-ФЗ ст. 10 ч. 8)."""

    full = "full"
    info = "info"


class Receive(StrEnum):
    """How a messenger's events reach us."""

    polling = "polling"
    webhook = "webhook"


class FilesSettings(BaseModel):
    """Where uploaded files live."""

    dir: Path = Field(Path("var/files"), description="Папка для присланных и созданных файлов")


class BackupSettings(BaseModel):
    """Where backups are put and looked for by ``doctor``."""

    dir: Path = Field(Path("var/backups"), description="Папка резервных копий")


class WebSettings(BaseModel):
    """Web chat, public pages, webhooks and the admin: one port."""

    host: str = Field("127.0.0.1", description="На каком адресе слушать")
    port: int = Field(8080, description="На каком порту слушать")
    public_url: str = Field("", description="Адрес, по которому сайт видят люди: https://...")
    secret: str = Field("", description="Секрет подписи cookie и ссылок, не короче 32 знаков; пусто: создаётся в var/")


class RegionSettings(BaseModel):
    """Which region this installation serves."""

    pack: str = Field("smolensk", description="Папка в data/regions")
    timezone: str = Field("Europe/Moscow", description="Часовой пояс региона")


class TelegramSettings(BaseModel):
    """Telegram; on when the token is set."""

    token: str = Field("", description="Токен от @BotFather; пусто: Telegram выключен")
    api_base: str = Field("https://api.telegram.org", description="Адрес Bot API без /bot")
    receive: Receive = Field(Receive.polling, description="polling или webhook")
    secret: str = Field("", description="Секрет заголовка вебхука")
    proxy: str = Field("", description="Прокси только для Telegram: http://... или socks5://...")
    policy: Policy = Field(Policy.full, description="full или info: что можно передавать через Telegram")


class VkSettings(BaseModel):
    """VK community messages; on when the token is set."""

    token: str = Field("", description="Ключ доступа сообщества; пусто: VK выключен")
    group_id: int = Field(0, description="Номер сообщества")
    api_base: str = Field("https://api.vk.ru/method", description="Адрес API вместе с /method")
    receive: Receive = Field(Receive.polling, description="polling или webhook")
    secret: str = Field("", description="Секретный ключ Callback API; пусто: выводится из WEB__SECRET")
    confirmation: str = Field("", description="Строка подтверждения Callback API, если сервер добавлен вручную")
    policy: Policy = Field(Policy.full, description="full или info: что можно передавать через VK")


class MaxSettings(BaseModel):
    """MAX; on when the token is set."""

    token: str = Field("", description="Токен бота MAX; пусто: MAX выключен")
    api_base: str = Field("https://platform-api2.max.ru", description="Адрес API")
    receive: Receive = Field(Receive.polling, description="polling или webhook")
    secret: str = Field("", description="Секрет подписки вебхука")
    ca_file: str = Field("", description="Корневой сертификат Минцифры, файл PEM")
    policy: Policy = Field(Policy.full, description="full или info: что можно передавать через MAX")


class Pace(BaseModel):
    """How fast one messenger may be written to."""

    per_second: float = Field(description="Сообщений в секунду всего")
    per_chat: float = Field(description="Сообщений в секунду в один чат")


class TelegramPace(Pace):
    """Telegram counts groups by the minute."""

    per_group: float = Field(20, description="Сообщений в минуту в одну группу")


class DeliverySettings(BaseModel):
    """Quiet hours and pace of delivery."""

    quiet_hours: str = Field("20:00-08:00", description="Тихие часы по времени региона")
    telegram: TelegramPace = TelegramPace(per_second=25, per_chat=1, per_group=20)
    vk: Pace = Pace(per_second=18, per_chat=3)
    max: Pace = Pace(per_second=8, per_chat=2)
    web: Pace = Pace(per_second=500, per_chat=20)

    @field_validator("quiet_hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        parts = value.replace("–", "-").split("-")
        if len(parts) != 2 or any(not _is_time(part) for part in parts):
            raise ValueError("пишите так: 20:00-08:00")
        return "-".join(part.strip() for part in parts)


class LogSettings(BaseModel):
    """Log lines: one per update, no personal data."""

    level: str = Field("INFO", description="DEBUG, INFO, WARNING или ERROR")
    format: str = Field("console", description="console или json")


class Settings(BaseSettings):
    """Everything that can be set from outside."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
        extra="ignore",
    )

    database_url: str = Field(
        "sqlite+aiosqlite:///var/demo.db",
        description="SQLite или postgresql+asyncpg://пользователь:пароль@сервер/база",
    )
    files: FilesSettings = FilesSettings()
    backup: BackupSettings = BackupSettings()
    web: WebSettings = WebSettings()
    region: RegionSettings = RegionSettings()
    telegram: TelegramSettings = TelegramSettings()
    vk: VkSettings = VkSettings()
    max: MaxSettings = MaxSettings()
    delivery: DeliverySettings = DeliverySettings()
    log: LogSettings = LogSettings()

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return ZoneInfo(self.region.timezone)

    @property
    def is_sqlite(self) -> bool:
        """One file, one process."""
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_path(self) -> Path:
        """The database file (SQLite only)."""
        return Path(self.database_url.split("///", 1)[1])

    @property
    def public_url(self) -> str:
        """The address people open, without a closing slash."""
        return (self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")

    @cached_property
    def secret(self) -> bytes:
        """The signing secret; made once and kept beside the data when none is set."""
        if self.web.secret:
            return self.web.secret.encode()
        path = (self.sqlite_path.parent if self.is_sqlite else Path("var")) / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        return path.read_text(encoding="ascii").strip().encode()


def is_demonstration() -> bool:
    """True on a bare machine: no ``.env`` and no database named in the environment."""
    return not Path(".env").exists() and "DATABASE_URL" not in os.environ


def example() -> str:
    """The text of ``.env.example``: every setting, what it means, its default. ``python -m bot.config`` prints it."""
    parts = [EXAMPLE_HEAD]
    for name, field in Settings.model_fields.items():
        parts.append("\n\n".join(_settings(name.upper(), field.description or "", field.default)))
    return "\n\n".join(parts) + "\n"


def _settings(name: str, description: str, value: object) -> list[str]:
    """Each setting below a name, as two commented lines."""
    if not isinstance(value, BaseModel):
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        return [f"# {description}\n# {name}={shown}"]
    return [
        part
        for inner, field in type(value).model_fields.items()
        for part in _settings(f"{name}__{inner.upper()}", field.description or "", getattr(value, inner))
    ]


def _is_time(text: str) -> bool:
    hours, _, minutes = text.strip().partition(":")
    return hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60


if __name__ == "__main__":
    sys.stdout.write(example())
