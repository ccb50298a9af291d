"""``.env.example`` and Settings say the same; names are the ones that are promised."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.config import ROOT, Settings, example

LINE = re.compile(r"# ([A-Z][A-Z_]*)=(.*)")
PROMISED = [
    "DATABASE_URL", "FILES__DIR", "BACKUP__DIR", "WEB__HOST", "WEB__PORT", "WEB__PUBLIC_URL", "WEB__SECRET",
    "REGION__PACK", "REGION__TIMEZONE", "TELEGRAM__TOKEN", "TELEGRAM__API_BASE", "TELEGRAM__RECEIVE",
    "TELEGRAM__SECRET", "TELEGRAM__PROXY", "TELEGRAM__POLICY", "VK__TOKEN", "VK__GROUP_ID", "VK__API_BASE",
    "VK__RECEIVE", "VK__SECRET", "VK__CONFIRMATION", "VK__POLICY", "MAX__TOKEN", "MAX__API_BASE", "MAX__RECEIVE",
    "MAX__SECRET", "MAX__CA_FILE", "MAX__POLICY", "DELIVERY__QUIET_HOURS", "DELIVERY__TELEGRAM__PER_SECOND",
    "DELIVERY__TELEGRAM__PER_CHAT", "DELIVERY__TELEGRAM__PER_GROUP", "DELIVERY__VK__PER_SECOND",
    "DELIVERY__VK__PER_CHAT", "DELIVERY__MAX__PER_SECOND", "DELIVERY__MAX__PER_CHAT", "DELIVERY__WEB__PER_SECOND",
    "DELIVERY__WEB__PER_CHAT", "LOG__LEVEL", "LOG__FORMAT",
]  # fmt: skip


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine the tests run on."""
    for name in PROMISED:
        monkeypatch.delenv(name, raising=False)


def in_file() -> dict[str, str]:
    """Name → default, as the file shows them."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := LINE.fullmatch(line))}


def test_the_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


def test_the_promised_names_are_there() -> None:
    assert list(in_file()) == PROMISED


def test_every_setting_is_explained_in_russian() -> None:
    blocks = example().split("\n\n")[1:]
    assert len(blocks) == len(PROMISED)
    for block in blocks:
        explanation, _, setting = block.partition("\n")
        assert re.search("[а-яё]{2}", explanation), block
        assert LINE.fullmatch(setting.strip()), block


def test_copied_unchanged_it_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(example(), encoding="utf-8")
    assert Settings(_env_file=tmp_path / ".env") == Settings(_env_file=None)


def test_the_defaults_shown_are_the_defaults(tmp_path: Path) -> None:
    """With every line uncommented the settings are still the defaults."""
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in in_file().items()), encoding="utf-8")
    assert Settings(_env_file=tmp_path / ".env") == Settings(_env_file=None)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("WEB__PORT", "9000", lambda settings: settings.web.port == 9000),
        ("TELEGRAM__POLICY", "info", lambda settings: settings.telegram.policy == "info"),
        ("DELIVERY__VK__PER_SECOND", "2.5", lambda settings: settings.delivery.vk.per_second == 2.5),
        ("DELIVERY__QUIET_HOURS", "21:30–07:00", lambda settings: settings.delivery.quiet_hours == "21:30-07:00"),
        ("BACKUP__DIR", "/srv/копии", lambda settings: str(settings.backup.dir) == "/srv/копии"),
    ],
)
def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: Any) -> None:
    monkeypatch.setenv(name, value)
    assert read(Settings(_env_file=None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB__PORT", "восемь"),
        ("TELEGRAM__POLICY", "most"),
        ("TELEGRAM__RECEIVE", "push"),
        ("DELIVERY__QUIET_HOURS", "ночью"),
        ("DELIVERY__QUIET_HOURS", "20:00-28:00"),
    ],
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings(_env_file=None)


def test_the_container_sets_what_exists() -> None:
    named = re.findall(r"^\s+([A-Z]+__[A-Z_]+|DATABASE_URL)[:=]", (ROOT / "compose.yml").read_text(), re.M)
    named += re.findall(r"\b([A-Z]+__[A-Z_]+)=", (ROOT / "Dockerfile").read_text())
    assert len(named) >= 8
    assert not set(named) - set(PROMISED)


def test_the_image_gets_what_it_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    sources = re.findall(r"^COPY (\S+) ", (ROOT / "Dockerfile").read_text(), re.M)
    assert {"bot", "admin", "data", "locales", "migrations"} < set(sources)
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored
    assert "!.env" not in ignored


def test_the_lock_pins_every_package_and_names_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    packages = [line for line in lines if line and line[0] not in "# -"]
    assert packages
    assert all(re.fullmatch(r"[\w.-]+==[^ ]+( ; .+)? \\", line) for line in packages)
    assert not [line for line in lines if line.startswith("-") or "://" in line]
