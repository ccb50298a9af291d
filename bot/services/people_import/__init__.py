"""Organisations and people from a table: read, match with those who are here, look, apply.

A file may be loaded twice: the second time changes nothing. Columns: ``docs/import.md``.
"""

from bot.services.people_import.applying import Applied, Report, apply, apply_all, import_file
from bot.services.people_import.layout import Kind, sample_workbook
from bot.services.people_import.matching import Candidate, Preview, PreviewRow, Status, preview

__all__ = [
    "Applied",
    "Candidate",
    "Kind",
    "Preview",
    "PreviewRow",
    "Report",
    "Status",
    "apply",
    "apply_all",
    "import_file",
    "preview",
    "sample_workbook",
]
