"""Samples written once, and read back by nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from jointplan.sample import write_sample

Reader = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="session")
def reader_of() -> Callable[[Path], Reader]:
    """Give a reader of the tables in a folder."""
    return _reader


def _reader(folder: Path) -> Reader:
    def read(name: str) -> pd.DataFrame:
        path = folder / "tables" / f"{name}.csv"
        return pd.read_csv(path, dtype={"hs": str}) if path.exists() else pd.read_parquet(path.with_suffix(".parquet"))

    return read


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the default sample."""
    place = tmp_path_factory.mktemp("sample") / "shunde"
    write_sample(place)
    return place


@pytest.fixture(scope="session")
def read(folder: Path) -> Reader:
    """Read a table of the default sample."""
    return _reader(folder)


@pytest.fixture(scope="session")
def small_goods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small-goods sample."""
    place = tmp_path_factory.mktemp("sample") / "yiwu"
    write_sample(place, kind="small-goods", firms=30, sellers=9, products=80, weeks=80, seed=3)
    return place
