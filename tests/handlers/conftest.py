"""Conversations happen in a region that is set up."""

from __future__ import annotations

import pytest


@pytest.fixture
def in_region() -> bool:
    return True
