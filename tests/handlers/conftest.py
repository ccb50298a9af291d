"""Conversations happen in a region that is set up."""

from __future__ import annotations

import pytest

from tests.region import Prepare, set_up


@pytest.fixture(scope="session")
def prepare() -> Prepare:
    return set_up
