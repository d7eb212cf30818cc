"""A study: one workspace, opened, run and read.

>>> import jointplan
>>> study = jointplan.Study.open("shunde")  # doctest: +SKIP
>>> run = study.run()  # doctest: +SKIP
>>> run.gain, run.tables["lots"]  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jointplan.contracts import Progress, silent
from jointplan.engine import DuckDBEngine, Tables
from jointplan.errors import NoResultError, UsageError, WorkspaceError
from jointplan.ingest import Checked, read_tables
from jointplan.logistics import LandedCost, refuse_strangers
from jointplan.planning import Questions
from jointplan.schema import TABLES, assumptions_table
from jointplan.store import StoredRun, Workspace, check_room, new_run, write_manifest, write_table
from jointplan.study import stages
from jointplan.study.compare import Comparison, compare_runs, plan_changes
from jointplan.study.horizon import Horizon
from jointplan.study.manifest import VERSION, diagnosis_manifest, input_facts, manifest, peak_mb
from jointplan.study.run import Run
from jointplan.study.settings import Settings
from jointplan.study.settings_file import read_settings, with_changes
from jointplan.study.stages import Asked
from jointplan.study.what_if import read_what_ifs, refuse_strange_what_ifs
from jointplan.texts import tr

if TYPE_CHECKING:
    from jointplan.planning import PlanSet

WriteReport = Callable[[StoredRun, Path], object]
REPORTED_INPUTS = ("firms", "products", "markets", "sites", "lanes")
IMPORTED = "-imported"  # ends the names of files that an import writes into tables/
WEEKLY = ("week", "sku", "market", "seller", "quantity", "revenue")


@dataclass(frozen=True)
class Forecast:
    """Forecasts of demand and how accurate they were on the past.

    Parameters
    ----------
    tables : mapping
        ``forecasts`` and ``accuracy``.
    horizon : Horizon
        The weeks forecast.
    timings : mapping
        Seconds of each stage.
    """

    tables: Mapping[str, pa.Table]
    horizon: Horizon
    timings: Mapping[str, float]


@dataclass(frozen=True)
class StockTargets:
    """How much of each product to keep where.

    Parameters
    ----------
    table : Table
        ``targets``.
    currency : str
        Currency of the run.
    start : date
        Monday of the first week planned.
    timings : mapping
        Seconds of each stage.
    """

    table: pa.Table
    currency: str
    start: date
    timings: Mapping[str, float]


@dataclass(frozen=True)
class Newness:
    """Heat or launches.

    Parameters
    ----------
    tables : mapping
        The result tables.
    horizon : Horizon
        The weeks to plan; what is told is told from the weeks before them.
    names : mapping
        Title of each product; its code where it has none.
    timings : mapping
        Seconds of each stage.
    """

    tables: Mapping[str, pa.Table]
    horizon: Horizon
    names: Mapping[str, str]
    timings: Mapping[str, float]


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


@dataclass(frozen=True)
class Study:
    """A workspace opened for planning; its settings are read and found right."""

    workspace: Workspace
    settings: Settings

    @classmethod
    def open(cls, path: str | Path, changes: Mapping[str, Any] | None = None) -> Study:
        """Open a workspace.

        Parameters
        ----------
        path : str or Path
            Its folder.
        changes : mapping or None
            Settings to change for this study, by dotted name: ``{"horizon.weeks": 8}``.

        Raises
        ------
        WorkspaceError
            If there is no such folder.
        DataError, UsageError
            If a setting in the file, or a change, is wrong.
        """
        workspace = open_workspace(path)
        return cls(workspace, read_settings(workspace.settings, changes))

    @classmethod
    def like(cls, path: str | Path, run: str, changes: Mapping[str, Any] | None = None) -> Study:
        """Open a workspace with the settings of an earlier run.

        Parameters
        ----------
        path : str or Path
            Its folder.
        run : str
            The run, or ``latest``.
        changes : mapping or None
            Settings to change, by dotted name.
        """
        workspace = open_workspace(path)
        return cls(workspace, with_changes(workspace.run(run).manifest["settings"], changes))

    def check(self, *, progress: Progress = silent) -> Checked:
        """Read and check every table; problems are collected in the result."""
        with DuckDBEngine() as engine:
            return stages.check(self.workspace, self.settings, engine, stages.Stopwatch(progress))

    def forecast(self, *, progress: Progress = silent) -> Forecast:
        """Forecast demand.

        Raises
        ------
        DataError
            If the tables have problems.
        NoResultError
            If there is nothing to forecast.
        """
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            basis = self._basis(engine, watch)
            return Forecast(stages.forecast(basis, self.settings, watch), basis.horizon, watch.seconds)

    def diagnose(
        self,
        *,
        run: str | None = None,
        plan: str = "joint",
        report: WriteReport | None = None,
        progress: Progress = silent,
    ) -> StoredRun:
        """Measure what holds the cluster back, and keep what is found in a folder of ``diagnoses``.

        Parameters
        ----------
        run : str or None
            A finished run whose flows are measured instead of the tables': its separate plans and ``plan``, side by side.
        plan : str
            Plan of that run.
        report : callable or None
            Given the diagnosis and its folder, writes the report there.
        progress : Progress
            Told how far it is.

        Raises
        ------
        DataError
            If the tables have problems.
        WorkspaceError
            If there is no such run.
        """
        planned = None if run is None else self.workspace.run(run)
        check_room(self.workspace)
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine, new_run(self.workspace, self.workspace.diagnoses) as folder:
            basis = self._basis(engine, watch)
            if planned is None:
                found = stages.diagnose(basis, self.settings, watch)
            else:
                found = stages.diagnose_plans(basis, {}, planned.tables, self.settings, watch, ("separate", plan))
                if not found:
                    raise NoResultError(
                        tr("The plans of run {name} deliver nothing, so there is nothing to measure.", name=planned.id),
                        tr("Choose another run, or leave out --run to measure the tables."),
                    )
            stored = StoredRun(folder)
            inputs = {f"input_{name}": basis.tables[name] for name in REPORTED_INPUTS if name in basis.tables}
            for name, table in {**found, **inputs}.items():
                write_table(folder, name, table)
            of_run = None if planned is None else planned.id
            facts = diagnosis_manifest(stored.id, self.workspace, self.settings, basis, watch.seconds, of_run)
            write_manifest(folder, facts)
            if report is not None:
                report(StoredRun(folder), folder)
        return StoredRun(self.workspace.diagnoses / stored.id)

    def inventory(self, *, progress: Progress = silent) -> StockTargets:
        """Work out how much of each product to keep where: each seller by itself, pooled, and along the network.

        Raises
        ------
        DataError
            If the tables have problems.
        NoResultError
            If nothing is forecast to sell.
        """
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            basis = self._ahead()._basis(engine, watch)
            forecasts = stages.forecast(basis, self.settings, watch)
            basis = stages.land(stages.complete(basis, self.settings), self.settings)
            targets = stages.keep_stock(basis, forecasts, self.settings, watch).tables["targets"]
        if not targets.num_rows:
            raise NoResultError(
                tr("Nothing is forecast to sell, so there is no stock to keep."),
                tr("Check that the table sales reaches up to the last complete week."),
            )
        return StockTargets(targets, basis.currency, basis.horizon.start, watch.seconds)

    def heat(self, *, market: str | None = None, progress: Progress = silent) -> Newness:
        """Measure product heat, in every market and in all together.

        Parameters
        ----------
        market : str or None
            A market that is asked for: refused at once where there is none of this name.
        progress : Progress
            Told how far it is.

        Raises
        ------
        DataError
            If the tables have problems.
        UsageError
            If the market is not known.
        """
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            self._refuse_strangers(engine, market=market)
            basis = self._ahead()._basis(engine, watch)
            names = stages.product_names(basis)
            return Newness(stages.heat(basis, self.settings, watch), basis.horizon, names, watch.seconds)

    def launch(self, sku: str | None = None, *, progress: Progress = silent) -> Newness:
        """Foresee what new products will sell.

        Parameters
        ----------
        sku : str or None
            The one product to foresee; None: all new ones.
        progress : Progress
            Told how far it is.

        Raises
        ------
        DataError
            If the tables have problems.
        UsageError
            If the product is not known, or is not new.
        """
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            self._refuse_strangers(engine, sku=sku)
            basis = self._ahead()._basis(engine, watch)
            names = stages.product_names(basis)
            made = stages.launches(basis, self.settings, watch, sku)
            if sku is not None and not made["launches"].num_rows:
                raise UsageError(
                    tr(
                        "{sku} is not new: it has been on sale for more than {n} weeks, or was launched so long ago.",
                        sku=sku,
                        n=self.settings.launch.new_weeks,
                    ),
                    tr(
                        "Its forecast is made by: jointplan forecast. How long a product is new says the setting launch.new_weeks."
                    ),
                )
            return Newness(made, basis.horizon, names, watch.seconds)

    def landed_cost(
        self,
        sku: str,
        market: str,
        *,
        on: date | None = None,
        lane: str | None = None,
        quantity: float = 1.0,
        seller: str | None = None,
        progress: Progress = silent,
    ) -> LandedCost:
        """Explain line by line what it costs to bring a product to a market.

        Parameters
        ----------
        sku, market : str
            Product and market.
        on : date or None
            Day whose rules are taken; None: the first day of the latest run, or the first that would be planned.
        lane : str or None
            A lane the route must take; None: the cheapest route.
        quantity : float
            Units.
        seller : str or None
            Firm whose channels' fees are counted; None: all sellers'.
        progress : Progress
            Told how far it is.

        Raises
        ------
        DataError
            If the tables have problems, or a rule is missing.
        UsageError
            If product, market, lane or seller is not known, or no route leads there.
        """
        if on is None and self.workspace.run_names():
            on = date.fromisoformat(self.workspace.run().manifest["horizon"]["start"])
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            self._refuse_strangers(engine, sku=sku, market=market, firm=seller)
            basis = stages.complete(self._basis(engine, watch), self.settings)
            return stages.explain_landed_cost(
                basis, self.settings, sku, market, on=on, lane=lane, quantity=quantity, seller=seller
            )

    def plan(self, *, members: tuple[str, ...] | None = None, progress: Progress = silent) -> Run:
        """Plan and keep the run, without a report.

        Parameters
        ----------
        members : tuple of str or None
            Owners who plan together; None means all.
        progress : Progress
            Told how far it is.
        """
        return self.run(members=members, progress=progress)

    def measures(
        self,
        *,
        pairs: bool = False,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
    ) -> Run:
        """Plan, and find what each measure is worth: the run keeps it as the table **measure_values**.

        Parameters
        ----------
        pairs : bool
            Value pairs of measures too, on fewer weeks.
        report, members, progress
            As in :meth:`run`.
        """
        questions = Questions(measures=True, pairs=pairs)
        return self._run(Asked(members, questions), report=report, progress=progress)

    def replan(
        self,
        *,
        earlier: str = "latest",
        freeze: int = 0,
        report: WriteReport | None = None,
        progress: Progress = silent,
    ) -> tuple[Run, Comparison]:
        """Plan again from an earlier run's plan, and say what moved.

        Parameters
        ----------
        earlier : str
            The run to start from.
        freeze : int
            Weeks from the first in which that run's lots are kept.
        report, progress
            As in :meth:`run`.
        """
        before = self.workspace.run(earlier)
        members = before.manifest.get("members")
        asked = Asked(
            None if members is None else tuple(members),
            earlier=before.tables if "lots" in before.tables else None,
            what_ifs=read_what_ifs(before.manifest.get("what_if", ())),
            freeze=freeze,
        )
        made = self._run(asked, report=report, progress=progress, base=before)
        return made, compare_runs(before, made.stored)

    def run(
        self,
        *,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
    ) -> Run:
        """Check, forecast, plan, and keep the run; the folder of the run appears only when it is complete.

        Parameters
        ----------
        report : callable or None
            Given the run and its folder, writes the report there. If it fails, the run is kept and the error raised.
        members : tuple of str or None
            Owners who plan together; None means all.
        progress : Progress
            Told how far it is.

        Raises
        ------
        DataError
            If the tables have problems; all are in its ``issues``.
        NoResultError
            If there is nothing to plan.
        WorkspaceError
            If the disk has no room for the run.
        """
        return self._run(Asked(members), report=report, progress=progress)

    def what_if(
        self,
        changes: Sequence[str],
        *,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
    ) -> tuple[Run, Comparison]:
        """Change something and plan, beside a run of the same tables and settings without the change.

        That run is the latest there is; where there is none, it is made first, without a report.

        Parameters
        ----------
        changes : sequence of str
            What is changed, see :mod:`jointplan.study.what_if`.
        report, members, progress
            As in :meth:`run`.

        Returns
        -------
        Run
            The run with the change.
        Comparison
            It beside the run without.
        """
        what_ifs = read_what_ifs(changes)
        check_room(self.workspace)
        watch = stages.Stopwatch(progress)
        with self._ready(Asked(members, what_ifs=what_ifs), watch) as ready:
            base = self._same_without(ready, ready.asked.members)
            if base is None:
                plain = replace(ready, asked=Asked(ready.asked.members), changed=ready.basis)
                base = self._plan(plain, stages.Stopwatch(progress, dict(watch.seconds)), None).stored
            made = self._plan(ready, watch, report, base=base)
        return made, compare_runs(base, made.stored)

    def _same_without(self, ready: Ready, members: tuple[str, ...] | None) -> StoredRun | None:
        """Return the latest run of these tables and settings in which nothing was changed."""
        settings, inputs = self.settings.model_dump(mode="json"), input_facts(self.workspace, ready.basis)
        for name in reversed(self.workspace.run_names()):
            stored = self.workspace.run(name)
            facts = stored.manifest
            known = facts.get("members", ())
            same = (facts["settings"], facts["inputs"], facts["jointplan"]) == (settings, inputs, VERSION)
            if same and not facts.get("what_if") and known == (None if members is None else list(members)):
                return stored
        return None

    def _run(
        self, asked: Asked, *, report: WriteReport | None, progress: Progress, base: StoredRun | None = None
    ) -> Run:
        check_room(self.workspace)
        watch = stages.Stopwatch(progress)
        with self._ready(asked, watch) as ready:
            return self._plan(ready, watch, report, base=base)

    @contextmanager
    def _ready(self, asked: Asked, watch: stages.Stopwatch) -> Iterator[Ready]:
        """Check and forecast, complete the tables, and make the changes asked for; tables are computed on demand."""
        with DuckDBEngine() as engine:
            if (asked.members or asked.what_ifs) and (names := self._names(engine)) is not None:
                stages.named_owners(asked.members, names)
                refuse_strange_what_ifs(asked.what_ifs, names)
            basis = self._basis(engine, watch)
            asked = replace(asked, members=stages.named_owners(asked.members, basis.tables))
            if asked.what_ifs:
                # What cannot be changed is told before the slow forecast.
                stages.change(stages.complete(basis, self.settings), asked.what_ifs)
            with_run = self.settings.diagnosis.with_run
            found = stages.diagnose(basis, self.settings, watch, forecasting=False) if with_run else {}
            forecasts = stages.forecast(basis, self.settings, watch)
            newness = stages.heat(basis, self.settings, watch) | stages.launches(basis, self.settings, watch)
            basis = stages.complete(basis, self.settings)
            changed = stages.change(basis, asked.what_ifs) if asked.what_ifs else basis
            if asked.freeze and asked.earlier is not None:
                changed = stages.freeze(changed, asked.earlier["lots"], asked.freeze)
            landed = stages.land(basis, self.settings)
            changed = landed if changed is basis else stages.land(changed, self.settings)
            yield Ready(asked, landed, changed, forecasts, found, newness)

    def _plan(
        self, ready: Ready, watch: stages.Stopwatch, report: WriteReport | None, base: StoredRun | None = None
    ) -> Run:
        """Plan, and write the run."""
        basis, asked = ready.changed, ready.asked
        stocked = stages.keep_stock(basis, ready.forecasts, self.settings, watch)
        basis = replace(basis, assumptions=(*basis.assumptions, *stocked.assumptions))
        plans = stages.plan(basis, {**ready.forecasts, **stocked.tables}, self.settings, watch, asked)
        found = ready.found and stages.diagnose_plans(basis, ready.found, plans.tables, self.settings, watch)
        failed: Exception | None = None
        with new_run(self.workspace) as folder:
            stored = StoredRun(folder)
            with watch.stage("write", tr("Writing the run")):
                results = {
                    **found,
                    **self._results(basis, {**ready.forecasts, **ready.newness, **stocked.tables}, plans),
                }
                if base is not None:
                    results["changes"] = plan_changes(base.tables, results)
                for name, table in results.items():
                    write_table(folder, name, table)
                facts = manifest(stored.id, self.workspace, self.settings, basis, plans, watch.seconds)
                facts["members"] = None if asked.members is None else list(asked.members)
                facts["what_if"] = [change.text for change in asked.what_ifs]
                facts["base"] = None if base is None else base.id
                write_manifest(folder, facts)
            if report is not None:
                try:
                    with watch.stage("report", tr("Writing the report")):
                        report(stored, folder)
                except OSError:
                    raise
                except Exception as error:  # the plan took long to make: it is kept even if its report fails
                    failed = error
            figures = {**facts["figures"], "seconds": round(sum(watch.seconds.values()), 3), "peak_mb": peak_mb()}
            write_manifest(folder, {**facts, "timings": watch.seconds, "figures": figures})
        if failed is not None:
            raise failed
        return Run(self.workspace.run(stored.id))

    def _ahead(self) -> Study:
        """Return the study looking ahead from the last complete week: what is asked of today is not answered for a replay."""
        horizon = self.settings.horizon.model_copy(update={"replay": "no"})
        return replace(self, settings=self.settings.model_copy(update={"horizon": horizon}))

    def _names(self, engine: DuckDBEngine) -> Tables | None:
        """Return the tables that firms, products and markets are named in, before the slow check of everything."""
        return read_tables(self.workspace, engine, ("firms", "products", "markets"))

    def _refuse_strangers(self, engine: DuckDBEngine, **named: str | None) -> None:
        """Refuse a product, market or firm that is not there, before the slow check of everything."""
        if any(named.values()) and (names := self._names(engine)) is not None:
            refuse_strangers(names, **named)

    def _basis(self, engine: DuckDBEngine, watch: stages.Stopwatch) -> stages.Basis:
        checked = stages.check(self.workspace, self.settings, engine, watch)
        return stages.add_up(checked, self.settings, engine, watch)

    def _results(self, basis: stages.Basis, found: Mapping[str, pa.Table], plans: PlanSet) -> dict[str, pa.Table]:
        """Return every table the run keeps: results, and the inputs its report draws on."""
        results = {**found, **plans.tables}
        results |= {name: basis.tables[name] for name in ("landed_costs", "channel_fees") if name in basis.tables}
        results["assumptions"] = pa.concat_tables(
            [self._derived_assumptions(basis), assumptions_table([*basis.assumptions, *plans.assumptions])]
        )
        inputs = {f"input_{name}": basis.tables[name] for name in REPORTED_INPUTS if name in basis.tables}
        return {**results, **inputs, "input_weekly": basis.tables["weekly"].select(list(WEEKLY))}

    def _derived_assumptions(self, basis: stages.Basis) -> pa.Table:
        """Return what the import assumed, less what a table of the user's own has replaced since."""
        file = self.workspace.derived / "assumptions.parquet"
        schema = TABLES["assumptions"].arrow
        if not file.exists():
            return schema.empty_table()
        own = {f.table for f in basis.files if f.path.parent == self.workspace.tables}
        own -= {f.table for f in basis.files if f.path.stem.endswith(IMPORTED)}
        rows = [row for row in pq.read_table(file).to_pylist() if row["replaced_by"].split(".")[0] not in own]
        return pa.Table.from_pylist(rows, schema=schema)


def open_workspace(path: str | Path) -> Workspace:
    """Return the workspace in an existing folder."""
    root = Path(path)
    if root.is_file():
        raise WorkspaceError(
            tr("{path} is a file, not a folder.", path=root), tr("Name the folder that holds the folder tables.")
        )
    if not root.is_dir():
        raise WorkspaceError(
            tr("There is no folder {path}.", path=root), tr("Make one with: jointplan init {path}", path=root)
        )
    return Workspace(root)
