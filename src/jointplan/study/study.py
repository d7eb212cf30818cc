"""A study: one workspace, opened, run and read.

>>> import jointplan
>>> study = jointplan.Study.open("shunde")  # doctest: +SKIP
>>> run = study.run()  # doctest: +SKIP
>>> run.gain, run.tables["lots"]  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jointplan.contracts import NEVER, Progress, Stop, silent
from jointplan.engine import DuckDBEngine
from jointplan.errors import DataError, DataIssue, JointplanError, NoResultError, UsageError
from jointplan.ingest import Checked
from jointplan.logistics import LandedCost
from jointplan.planning import Questions
from jointplan.schema import Assumption
from jointplan.store import StoredRun, Workspace, check_room
from jointplan.study import stages
from jointplan.study.answers import Forecast, Newness, StockTargets
from jointplan.study.compare import Comparison, compare_runs
from jointplan.study.diagnosing import keep_diagnosis
from jointplan.study.horizon import replayed_from
from jointplan.study.keeping import WriteReport, derived_assumptions, keep_run, same_without
from jointplan.study.opening import open_workspace, refuse_unknown
from jointplan.study.preparing import checked_basis, made_ready
from jointplan.study.run import Run
from jointplan.study.settings import Settings
from jointplan.study.settings_file import read_settings, with_changes
from jointplan.study.stages import Asked, Earlier
from jointplan.study.what_if import read_what_ifs
from jointplan.texts import tr


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
            The run, or ``latest``: the latest without what-ifs.
        changes : mapping or None
            Settings to change, by dotted name.
        """
        workspace = open_workspace(path)
        return cls(workspace, with_changes(workspace.run(run).manifest["settings"], changes))

    def check(self, *, progress: Progress = silent) -> Checked:
        """Read and check every table, and whether there are weeks to plan; problems are collected in the result."""
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            checked = stages.check(self.workspace, self.settings, engine, watch)
            if checked.errors:
                return checked
            try:
                # Without errors, what the checks found are the first of the warnings that a run would give.
                return replace(checked, issues=stages.add_up(checked, self.settings, engine, watch).warnings)
            except DataError as error:
                found = error.issues or (self._issue(error, "error"),)
            except NoResultError as error:
                found = (self._issue(error, "warning"),)
            return replace(checked, issues=(*checked.issues, *found))

    def forecast(self, *, progress: Progress = silent) -> Forecast:
        """Forecast demand from the week after the last complete one.

        Raises
        ------
        DataError
            If the tables have problems.
        NoResultError
            If there is nothing to forecast.
        """
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            basis = self._ahead()._basis(engine, watch)
            made = stages.forecast(basis, self.settings, watch)
            return Forecast(made, basis.horizon, stages.product_names(basis), watch.seconds, basis.early)

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
        return keep_diagnosis(self.workspace, self.settings, planned, plan, report, stages.Stopwatch(progress))

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
        products, firms, start = stages.product_names(basis), stages.firm_names(basis), basis.horizon.start
        replayed = replayed_from(self.settings.horizon, basis.sold, basis.tables.get("recorded"))
        elsewhere = replayed if replayed != start else None
        return StockTargets(targets, basis.currency, start, elsewhere, products, firms, watch.seconds)

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
            refuse_unknown(self.workspace, engine, market=market)
            basis = self._ahead()._basis(engine, watch)
            names = stages.product_names(basis)
            return Newness(stages.heat(basis, self.settings, watch), basis.horizon, names, watch.seconds, basis.early)

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
            refuse_unknown(self.workspace, engine, sku=sku)
            basis = self._ahead()._basis(engine, watch)
            names = stages.product_names(basis)
            made = stages.launches(basis, self.settings, watch, sku)
            if sku is not None and not made["launches"].num_rows:
                raise UsageError(
                    tr(
                        "{sku} is not new: it has been on sale for more than {n} {n:week|weeks}, or was launched so long ago.",
                        sku=sku,
                        n=self.settings.launch.new_weeks,
                    ),
                    tr(
                        "Its forecast is made by: jointplan forecast. How long a product is new says the setting launch.new_weeks."
                    ),
                )
            return Newness(made, basis.horizon, names, watch.seconds, basis.early)

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
            Day whose rules are taken; None: the first day of the latest run without what-ifs, or the first that would be
            planned.
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
        if on is None and (latest := self.workspace.latest()) is not None:
            on = date.fromisoformat(latest.manifest["horizon"]["start"])
        watch = stages.Stopwatch(progress)
        with DuckDBEngine() as engine:
            refuse_unknown(self.workspace, engine, sku=sku, market=market, firm=seller)
            basis = self._basis(engine, watch)
            derived = tuple(Assumption(**row) for row in derived_assumptions(self.workspace, basis).to_pylist())
            return stages.explain_landed_cost(
                basis, self.settings, sku, market, on=on, lane=lane, quantity=quantity, seller=seller, derived=derived
            )

    def plan(self, *, members: tuple[str, ...] | None = None, progress: Progress = silent, stop: Stop = NEVER) -> Run:
        """Plan and keep the run, without a report.

        Parameters
        ----------
        members : tuple of str or None
            Owners who plan together; None means all.
        progress : Progress
            Told how far it is.
        stop : Stop
            Asked whether to end with the best plans found so far.
        """
        return self.run(members=members, progress=progress, stop=stop)

    def measures(
        self,
        *,
        pairs: bool = False,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Stop = NEVER,
    ) -> Run:
        """Plan, and find what each measure is worth: the run keeps it as the table **measure_values**.

        Parameters
        ----------
        pairs : bool
            Value pairs of measures too, on fewer weeks.
        report, members, progress, stop
            As in :meth:`run`.
        """
        questions = Questions(measures=True, pairs=pairs)
        return self._run(Asked(members, questions), report=report, progress=progress, stop=stop)

    def replan(
        self,
        *,
        earlier: str = "latest",
        members: tuple[str, ...] | None = None,
        freeze: int = 0,
        report: WriteReport | None = None,
        progress: Progress = silent,
        stop: Stop = NEVER,
    ) -> tuple[Run, Comparison]:
        """Plan again from an earlier run's plan and with its what-ifs, and say what moved.

        Parameters
        ----------
        earlier : str
            The run to start from; ``latest`` is the latest without what-ifs.
        members : tuple of str or None
            Owners who plan together now; None means those of that run.
        freeze : int
            Weeks from the first in which that run's lots are kept.
        report, progress, stop
            As in :meth:`run`.
        """
        before = self.workspace.run(earlier)
        known = before.manifest.get("members")
        asked = Asked(
            members or (None if known is None else tuple(known)),
            earlier=Earlier.of(before),
            what_ifs=read_what_ifs(before.what_ifs),
            freeze=freeze,
        )
        made = self._run(asked, report=report, progress=progress, stop=stop, base=before)
        return made, compare_runs(before, made.stored)

    def run(
        self,
        *,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Stop = NEVER,
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
        stop : Stop
            Asked whether to end with the best plans found so far.

        Raises
        ------
        DataError
            If the tables have problems; all are in its ``issues``.
        NoResultError
            If there is nothing to plan.
        WorkspaceError
            If the disk has no room for the run.
        """
        return self._run(Asked(members), report=report, progress=progress, stop=stop)

    def what_if(
        self,
        changes: Sequence[str],
        *,
        report: WriteReport | None = None,
        members: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Stop = NEVER,
    ) -> tuple[Run, Comparison]:
        """Change something and plan, beside a run of the same tables and settings without the change.

        That run is the latest there is; where there is none, it is made first, without a report.

        Parameters
        ----------
        changes : sequence of str
            What is changed, see :mod:`jointplan.study.what_if`.
        report, members, progress, stop
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
        watch = stages.Stopwatch(progress, stop=stop)
        with made_ready(self.workspace, self.settings, Asked(members, what_ifs=what_ifs), watch) as ready:
            base = same_without(self.workspace, self.settings, ready, ready.asked.members)
            if base is None:
                plain = replace(ready, asked=Asked(ready.asked.members), changed=ready.basis)
                unchanged = stages.Stopwatch(progress, dict(watch.seconds), stop)
                base = keep_run(self.workspace, self.settings, plain, unchanged, None).stored
            made = keep_run(self.workspace, self.settings, ready, watch, report, base=base)
        return made, compare_runs(base, made.stored)

    def _run(
        self,
        asked: Asked,
        *,
        report: WriteReport | None,
        progress: Progress,
        stop: Stop,
        base: StoredRun | None = None,
    ) -> Run:
        check_room(self.workspace)
        watch = stages.Stopwatch(progress, stop=stop)
        with made_ready(self.workspace, self.settings, asked, watch) as ready:
            return keep_run(self.workspace, self.settings, ready, watch, report, base=base)

    def _issue(self, error: JointplanError, severity: str) -> DataIssue:
        """Return what keeps a run from beginning as a problem of the settings."""
        file = self.workspace.settings.name
        return DataIssue("", file, None, "", "", "no_weeks_to_plan", error.message, error.cure, severity)

    def _ahead(self) -> Study:
        """Return the study looking ahead from the last complete week: what is asked of today is not answered for a replay."""
        horizon = self.settings.horizon.model_copy(update={"replay": "no"})
        return replace(self, settings=self.settings.model_copy(update={"horizon": horizon}))

    def _basis(self, engine: DuckDBEngine, watch: stages.Stopwatch) -> stages.Basis:
        return checked_basis(self.workspace, self.settings, engine, watch)
