"""``python -m bot COMMAND``: the table of commands, loaded one by one."""

from __future__ import annotations

import sys
from importlib import import_module

import click

COMMANDS: dict[str, str] = {
    "run": "Запустить систему: чат, администрирование, мессенджеры, расписание",
    "migrate": "Привести базу к этой версии",
    "demo": "Заполнить пустую базу выдуманным регионом",
    "doctor": "Проверить установку и сказать словами, что не так",
    "signin": "Дать ссылку для входа в администрирование",
    "invite": "Дать код приглашения на роль",
    "people": "Загрузить людей и организации из таблицы",
    "catalogue": "Загрузить каталог занятий из таблицы",
    "backup": "Сохранить базу и файлы в один архив",
    "restore": "Восстановить базу и файлы из архива",
    "deadline": "Прочитать срок из дорожной карты",
    "roadmap": "Прочитать дорожную карту из приказа",
    "indicators": "Посчитать показатели региона за период",
    "mentors": "Подобрать наставников",
    "bench": "Измерить обещанное",
}
"""Command → what ``--help`` says; the module is ``bot.commands.<name>``, its command ``command``."""


class Commands(click.Group):
    """Imports the module of a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f"bot.commands.{name}").command
        assert isinstance(command, click.Command)
        command.name = name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Команды"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["--help"]})
def main() -> None:
    """«Маршрут»: помощник центра развития педагогов."""


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    main(prog_name="python -m bot")
