"""From a workspace to what a plan is made from: checked, diagnosed, forecast, completed and changed as asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from jointplan.engine import DuckDBEngine
from jointplan.store import Workspace
from jointplan.study import stages
from jointplan.study.opening import named_tables
from jointplan.study.settings import Settings
from jointplan.study.stages import Asked
from jointplan.study.what_if import refuse_strange_what_ifs


@dataclass(frozen=True)
class Ready:
    """What a plan is made from, and what is asked of it.

    ``changed`` is the basis with the what-ifs in it, ``found`` the diagnosis of the tables as they were brought, and
    ``newness`` the tables of heat and launches.
    """

    asked: Asked
    basis: stages.Basis
    changed: stages.Basis
    forecasts: Mapping[str, pa.Table]
    found: Mapping[str, pa.Table]
    newness: Mapping[str, pa.Table]


def checked_basis(
    workspace: Workspace, settings: Settings, engine: DuckDBEngine, watch: stages.Stopwatch
) -> stages.Basis:
    """Check the tables and add them up: what everything else is made from."""
    checked = stages.check(workspace, settings, engine, watch)
    return stages.add_up(checked, settings, engine, watch)


@contextmanager
def made_ready(workspace: Workspace, settings: Settings, asked: Asked, watch: stages.Stopwatch) -> Iterator[Ready]:
    """Check and forecast, complete the tables, and make the changes asked for; tables are computed on demand."""
    with DuckDBEngine() as engine:
        if (asked.members or asked.what_ifs) and (names := named_tables(workspace, engine)) is not None:
            stages.named_owners(asked.members, names)
            refuse_strange_what_ifs(asked.what_ifs, names)
        basis = checked_basis(workspace, settings, engine, watch)
        asked = replace(asked, members=stages.named_owners(asked.members, basis.tables))
        if asked.what_ifs:
            # What cannot be changed is told before the slow forecast.
            stages.change(stages.complete(basis, settings), asked.what_ifs)
        with_run = settings.diagnosis.with_run
        found = stages.diagnose(basis, settings, watch, forecasting=False) if with_run else {}
        forecasts = stages.forecast(basis, settings, watch)
        newness = stages.heat(basis, settings, watch) | stages.launches(basis, settings, watch)
        basis = stages.complete(basis, settings)
        if asked.earlier is not None:
            basis = stages.take_over(basis, asked.earlier)
            asked = replace(asked, earlier=asked.earlier.without_begun(basis.horizon.start))
        changed = stages.change(basis, asked.what_ifs) if asked.what_ifs else basis
        if asked.freeze and asked.earlier is not None:
            changed = stages.freeze(changed, asked.earlier.tables["lots"], asked.freeze)
        landed = stages.land(basis, settings)
        changed = landed if changed is basis else stages.land(changed, settings)
        yield Ready(asked, landed, changed, forecasts, found, newness)
