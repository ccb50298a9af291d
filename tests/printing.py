"""How a table of ours prints."""

from __future__ import annotations

from typing import Any


def printed(sheet: Any) -> None:
    """As wide as one landscape page, with the heading on every page."""
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0), "one page wide, as many as needed"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddHeader.center.text, "a page tells what it is of"
