"""The register of a cohort as a table (XLSX): a line a member, a column a meeting and a task."""

from __future__ import annotations

import io
from collections.abc import Callable

from bot.i18n import date_ru
from bot.services.programmes.keeping import CohortPage

Words = Callable[..., str]


def xlsx(t: Words, page: CohortPage) -> bytes:
    """The file; plain words only, so that a formula of somebody's name is never run. Slow: off the event loop."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheet = book.add_worksheet(t("programmes-sheet.name"))
    head = [
        t("programmes-sheet.person"), t("programmes-sheet.organisation"), t("programmes-sheet.municipality"),
        t("programmes-sheet.state"),
        *(f"{line.day():%d.%m.%Y} {line.title}" for line in page.meetings),
        *(one.title for one in page.tasks),
        t("programmes-sheet.was"), t("programmes-sheet.need"), t("programmes-sheet.certificate"),
        t("programmes-sheet.young"),
    ]  # fmt: skip
    sheet.write_row(0, 0, head, bold)
    for number, one in enumerate(page.members, start=1):
        cells: list[str | int] = [
            one.name, one.organisation, one.municipality, t(f"programmes-state.{one.state.value}"),
            *(t("programmes-sheet.yes") if line.id in one.was else "" for line in page.meetings),
            *(
                t(f"programmes-work.{one.works[task.id].value}") if task.id in one.works else ""
                for task in page.tasks
            ),
            one.progress.was, one.progress.need, "" if one.revoked else one.number,
            date_ru(one.young_until) if one.young_until else "",
        ]  # fmt: skip
        sheet.write_row(number, 0, cells)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 24)
    sheet.set_column(4, len(head) - 1, 14)
    sheet.freeze_panes(1, 1)
    book.close()
    return out.getvalue()
