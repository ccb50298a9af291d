"""The register of a cohort as a table (XLSX): a line a member, a column a meeting and a task."""

from __future__ import annotations

from bot.i18n import Words, date_ru
from bot.services.documents.records import Cell, Column, records_sheet
from bot.services.programmes.keeping import CohortPage


def xlsx(t: Words, page: CohortPage) -> bytes:
    """The file; plain words only, so that a formula of somebody's name is never run. Slow: off the event loop."""
    head = [
        *(t(f"programmes-sheet.{name}") for name in ("person", "organisation", "municipality", "state")),
        *(f"{line.day():%d.%m.%Y} {line.title}" for line in page.meetings),
        *(one.title for one in page.tasks),
        *(t(f"programmes-sheet.{name}") for name in ("was", "need", "certificate", "young")),
    ]
    rows: list[list[Cell]] = []
    for one in page.members:
        rows.append(
            [
                one.name,
                one.organisation,
                one.municipality,
                t(f"programmes-state.{one.state.value}"),
                *(t("programmes-sheet.yes") if line.id in one.was else None for line in page.meetings),
                *(
                    t(f"programmes-work.{one.works[task.id].value}") if task.id in one.works else None
                    for task in page.tasks
                ),
                one.progress.was,
                one.progress.need,
                None if one.revoked else one.number,
                date_ru(one.young_until) if one.young_until else None,
            ]
        )
    title = f"{page.programme}, {page.title}"
    return records_sheet(title, [Column(name, 0) for name in head], rows, note="", name=t("programmes-sheet.name"))
