"""Conversations happen in a region that is set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.region import prepare


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("region"))
