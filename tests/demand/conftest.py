"""What every test of demand may ask for."""

from collections.abc import Callable
from datetime import date

import pytest

from jointplan.engine import Tables
from tests.demand.clusters import START, Series, random_cluster, tables_of


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., Tables]:
    return tables_of


@pytest.fixture(scope="session")
def make_cluster() -> Callable[..., list[Series]]:
    return random_cluster


@pytest.fixture(scope="session")
def start() -> date:
    return START
