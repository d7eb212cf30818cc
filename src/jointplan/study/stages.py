"""The order of stages: check → add up weeks → diagnose → forecast → heat → launches → complete → logistics → inventory → plan.

This is the only place that knows it; `preparing` and `keeping` walk through it for one run.
Each stage is given tables and gives tables; none knows of another. What comes before is an argument here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from jointplan.contracts import NEVER, Forecaster, Progress, Stop
from jointplan.demand import (
    dropped_lines,
    forecast_demand,
    foresee_launches,
    known_sales,
    measure_heat,
    silent_series,
    weekly_demand,
    weekly_returns,
    weekly_sales,
)
from jointplan.diagnosis import diagnose as diagnose_cluster
from jointplan.diagnosis import has_flows, with_flows
from jointplan.engine import DuckDBEngine, Tables
from jointplan.errors import DataError, DataIssue, UsageError
from jointplan.ingest import UNNAMED, Checked, Planned, SourceFile, check_workspace
from jointplan.inventory import Stocked, stock_targets
from jointplan.logistics import Assumed, LandedCost, add_landed_costs, built_in_rows, landed_cost, unit_freight
from jointplan.planning import (
    MATERIALS_LOST,
    MATERIALS_TO_COME,
    NO_QUESTIONS,
    DemandFactor,
    Questions,
    begun_lots,
    complete_tables,
    frozen_lots,
    left_by,
    make_plans,
    materials_ordered,
    with_left,
)
from jointplan.schema import TABLES, Assumption
from jointplan.store import StoredRun, Workspace
from jointplan.study.horizon import Horizon, SoldWeeks, choose_horizon, sold_weeks
from jointplan.study.money import rates, revenue_in_run_currency, unnamed_currency
from jointplan.study.settings import Settings
from jointplan.study.what_if import WhatIf, apply_what_ifs
from jointplan.texts import near, sentences, some, tr

if TYPE_CHECKING:
    from jointplan.planning import PlanSet


@dataclass(frozen=True)
class Stopwatch:
    """Tells the user which stage has begun, keeps how many seconds each took, and hears whether one is to end early."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    stop: Stop = NEVER

    @contextmanager
    def stage(self, name: str, message: str) -> Iterator[None]:
        """Time one stage."""
        self.progress(message)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)


@dataclass(frozen=True)
class Earlier:
    """A finished run from which another goes on.

    Parameters
    ----------
    tables : mapping
        Its result tables.
    horizon : Horizon
        The weeks it planned.
    inputs : mapping
        The hashes of what it read, by table.
    """

    tables: Mapping[str, pa.Table]
    horizon: Horizon
    inputs: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, run: StoredRun) -> Earlier | None:
        """Return a run as one to go on from; None where it made no lots."""
        tables, facts = run.tables, run.manifest["horizon"]
        if "lots" not in tables:
            return None
        horizon = Horizon(date.fromisoformat(facts["start"]), facts["weeks"], facts["replay"])
        files = [(fact["table"], fact["sha256"]) for fact in run.manifest["inputs"]]
        return cls(tables, horizon, _by_table(files))

    def without_begun(self, start: date) -> Earlier:
        """Return it without the lots that are in work as a week begins: they are goods that come out, and nobody begins them anew."""
        begun, lots = begun_lots(self.tables, start), self.tables["lots"]
        free = pa.array([lot not in begun for lot in lots["lot"].to_pylist()], pa.bool_())
        return replace(self, tables={**self.tables, "lots": lots.filter(free)})


@dataclass(frozen=True)
class Asked:
    """What is asked of one run beyond the settings.

    Parameters
    ----------
    members : tuple of str or None
        Owners who plan together; None means all.
    questions : Questions
        What else is to be found out.
    what_ifs : tuple of WhatIf
        What is changed.
    earlier : Earlier or None
        The run to start from.
    freeze : int
        Weeks from the first whose lots of that run's joint plan are decided.
    """

    members: tuple[str, ...] | None = None
    questions: Questions = NO_QUESTIONS
    what_ifs: tuple[WhatIf, ...] = ()
    earlier: Earlier | None = None
    freeze: int = 0


NOTHING_MORE = Asked()
ENDED_BEFORE = Assumption(
    "earlier plan ended",
    "The earlier plan ends before the first week: what it leaves then is not known, and nothing is taken over.",
    "先前计划在首周之前已结束：届时的状态未知，不作接续。",
    "stock",
)


@dataclass(frozen=True)
class Basis:
    """What forecasts and plans are made from.

    Parameters
    ----------
    tables : Tables
        The checked tables, with ``weekly``: sales per week, revenue in the currency of the run; and ``weekly_returns``, where
        anything came back: units by the week of their sale.
    horizon : Horizon
        The weeks to plan.
    sold : SoldWeeks or None
        The weeks that sales cover.
    currency : str
        Currency of the run.
    worth : mapping
        What one unit of each currency is worth in it.
    dropped : int
        Lines of sales in the partial first and last week, which are left out.
    early : tuple of str
        Products that sold in the partial last week alone.
    warnings : tuple of DataIssue
        What the checks, and the choice of weeks and rates, warned of.
    assumptions : tuple of Assumption
        What was assumed on the way.
    files : tuple of SourceFile
        What was read.
    factors : tuple of DemandFactor
        What demand is multiplied by, where a what-if says so.
    carried : Table or None
        What was taken over from an earlier plan as the first week begins.
    frozen : int
        Lots of an earlier joint plan that are decided on.
    """

    tables: Tables
    horizon: Horizon
    sold: SoldWeeks | None
    currency: str
    worth: Mapping[str, float]
    dropped: int
    early: tuple[str, ...]
    warnings: tuple[DataIssue, ...]
    assumptions: tuple[Assumption, ...]
    files: tuple[SourceFile, ...]
    factors: tuple[DemandFactor, ...] = ()
    carried: pa.Table | None = None
    frozen: int = 0


def check(workspace: Workspace, settings: Settings, engine: DuckDBEngine, watch: Stopwatch) -> Checked:
    """Read every table and check it as a whole; problems are collected, not raised."""
    with watch.stage("check", tr("Checking the tables")):
        at_borders = ("duties", "export_modes") if settings.logistics.rules == "built_in" else ()
        known = {name: built_in_rows(name) for name in ("weight_rules", "containers", *at_borders)}
        return check_workspace(workspace, engine, currency=settings.currency, built_in=known, progress=watch.progress)


def issues_of_weeks(checked: Checked, horizon: Horizon, settings: Settings) -> tuple[DataIssue, ...]:
    """Return the problems that only show where the weeks planned are known."""
    borders = settings.logistics
    return checked.planned_issues(Planned(horizon.start, horizon.weeks, borders.origin, borders.export_mode))


def add_up(checked: Checked, settings: Settings, engine: DuckDBEngine, watch: Stopwatch) -> Basis:
    """Add sales up by week, choose the weeks to plan, and count all revenue in one currency."""
    if checked.errors:
        raise DataError(
            tr("Problems in the tables: {n}.", n=sum(issue.rows for issue in checked.errors)),
            tr("Correct them and run again."),
            checked.issues,
        )
    tables = checked.tables
    with watch.stage("weeks", tr("Adding up the weeks")):
        # A day after today is a slip, told by the checks: it must not move the weeks to plan.
        sales = checked.relations["sales"].filter(lambda table: table.date <= date.today())
        # Nor must a day far from all others, told there too, unless the user says from when on to plan.
        if (first := checked.records.first) is not None:
            sales = sales.filter(lambda table: table.date >= first)
        if (last := checked.records.last) is not None and settings.horizon.start is None:
            sales = sales.filter(lambda table: table.date <= last)
        weekly = engine.arrow(weekly_sales(sales))
        dropped = engine.arrow(dropped_lines(sales)).as_py()
        back = checked.relations.get("returns")
        returned = {} if back is None else {"weekly_returns": engine.arrow(weekly_returns(sales, back))}
        days = engine.arrow(sales.group_by("sku").aggregate(first=sales.date.min(), last=sales.date.max())).to_pylist()
        sold = sold_weeks(weekly, max((row["last"] for row in days), default=None))
        early = tuple(sorted(row["sku"] for row in days if sold and row["first"] >= sold.last + timedelta(weeks=1)))
        horizon = choose_horizon(settings.horizon, sold, tables.get("recorded"), tables.get("orders"))
        currency = checked.currency or UNNAMED
        late = issues_of_weeks(checked, horizon, settings)
        if wrong := sum(issue.rows for issue in late if issue.severity == "error"):
            raise DataError(tr("Problems in the tables: {n}.", n=wrong), tr("Correct them and run again."), late)
        worth, warnings = rates(tables.get("fx"), currency, horizon.start)
        weekly = revenue_in_run_currency(weekly, tables["markets"], worth, currency)
    return Basis(
        tables=tables.adding({"weekly": weekly, **returned}),
        horizon=horizon,
        sold=sold,
        currency=currency,
        worth=worth,
        dropped=dropped,
        early=early,
        warnings=(*checked.warnings, *late, *_partial_weeks(dropped), *warnings),
        assumptions=() if checked.currency else (unnamed_currency(),),
        files=checked.files,
    )


def diagnose(basis: Basis, settings: Settings, watch: Stopwatch, *, forecasting: bool = True) -> dict[str, pa.Table]:
    """Measure on the tables as they were brought what holds the cluster back; what needs many forecasts, only if asked for."""
    with watch.stage("diagnose", tr("Measuring what holds the cluster back")):
        return diagnose_cluster(
            basis.tables,
            settings.diagnosis,
            currency=basis.currency,
            holding_rate=settings.plan.costs.holding_rate,
            seed=settings.seed,
            forecaster=_forecaster(settings) if forecasting else None,
            progress=watch.progress,
        )


def diagnose_plans(
    basis: Basis,
    found: Mapping[str, pa.Table],
    made: Mapping[str, pa.Table],
    settings: Settings,
    watch: Stopwatch,
    plans: tuple[str, ...] = ("separate", "joint"),
) -> dict[str, pa.Table]:
    """Add to a diagnosis the findings on the flows of plans: on what they make, ship and deliver instead of what was.

    ``found`` is the diagnosis of the tables, to which they are added; plans without deliveries add nothing.
    """
    if not has_flows(made):
        return dict(found)
    with watch.stage("diagnose_plans", tr("Measuring what holds the cluster back")):
        sides = [
            diagnose_cluster(
                with_flows(basis.tables, made, plan),
                settings.diagnosis,
                currency=basis.currency,
                holding_rate=settings.plan.costs.holding_rate,
                seed=settings.seed,
                plan=plan,
                progress=watch.progress,
            )
            for plan in dict.fromkeys(plans)
        ]
    told: list[Mapping[str, pa.Table]] = [*([found] if "findings" in found else []), *sides]
    return {**found, **{name: pa.concat_tables([side[name] for side in told]) for name in ("findings", "finding_rows")}}


def _forecaster(settings: Settings) -> Forecaster:
    def forecaster(tables: Mapping[str, pa.Table], start: date, weeks: int) -> pa.Table:
        made = forecast_demand(Tables(tables), settings.forecast, start=start, weeks=weeks, seed=settings.seed)
        return made["forecasts"]

    return forecaster


def forecast(basis: Basis, settings: Settings, watch: Stopwatch) -> dict[str, pa.Table]:
    """Forecast the demand of the weeks to plan, from the weeks before them, and name what sells no longer."""
    with watch.stage("forecast", tr("Forecasting demand")):
        made = forecast_demand(
            basis.tables,
            settings.forecast,
            start=basis.horizon.start,
            weeks=basis.horizon.weeks,
            seed=settings.seed,
            progress=watch.progress,
        )
        start, weeks = basis.horizon.start, basis.horizon.weeks
        return made | {
            "silences": silent_series(basis.tables, made["forecasts"], start),
            "known_sales": known_sales(basis.tables["weekly"], start, weeks),
        }


def heat(basis: Basis, settings: Settings, watch: Stopwatch) -> dict[str, pa.Table]:
    """Measure the heat of what was sold before the weeks to plan, and which side of the border leads."""
    with watch.stage("heat", tr("Measuring heat")):
        return measure_heat(
            basis.tables,
            settings.heat,
            start=basis.horizon.start,
            currency=basis.currency,
            seed=settings.seed,
            workers=settings.forecast.workers,
            progress=watch.progress,
        )


def launches(basis: Basis, settings: Settings, watch: Stopwatch, only: str | None = None) -> dict[str, pa.Table]:
    """Foresee what new products will sell from the weeks to plan on, and how to test and scale them."""
    with watch.stage("launches", tr("Foreseeing launches")):
        return foresee_launches(
            basis.tables,
            settings.launch,
            start=basis.horizon.start,
            seed=settings.seed,
            only=only,
            workers=settings.forecast.workers,
            progress=watch.progress,
        )


def product_names(basis: Basis) -> dict[str, str]:
    """Return the title of every product, or its code where it has none."""
    rows = basis.tables["products"].select(["sku", "title"]).to_pylist()
    return {row["sku"]: row["title"] or row["sku"] for row in rows}


def firm_names(basis: Basis) -> dict[str, str]:
    """Return the name of every firm, or its code where it has none."""
    rows = basis.tables["firms"].select(["firm", "name"]).to_pylist()
    return {row["firm"]: row["name"] or row["firm"] for row in rows}


def complete(basis: Basis, settings: Settings) -> Basis:
    """Fill in what the tables leave out and a plan needs; every value is an assumption."""
    tables, assumed = complete_tables(basis.tables, settings.plan)
    return replace(basis, tables=tables, assumptions=(*basis.assumptions, *assumed))


def land(basis: Basis, settings: Settings) -> Basis:
    """Work out what goods pay at the border on each lane, by the rules of each week planned."""
    start = basis.horizon.start
    until = start + timedelta(weeks=basis.horizon.weeks, days=-1)
    landed = add_landed_costs(basis.tables, settings.logistics, on=start, until=until, worth=basis.worth)
    return replace(
        basis, tables=basis.tables.adding(landed.tables), assumptions=(*basis.assumptions, *landed.assumptions)
    )


def keep_stock(basis: Basis, forecasts: Mapping[str, pa.Table], settings: Settings, watch: Stopwatch) -> Stocked:
    """Work out how much of each product to keep where, from completed tables and forecasts.

    Where the plan is to keep safety stock, what that saves is found too.
    """
    with watch.stage("inventory", tr("Working out stock targets")):
        demand = weekly_demand(basis.tables, basis.horizon.start)
        return stock_targets(
            basis.tables.adding({**forecasts, "weekly": demand}),
            settings.inventory,
            start=basis.horizon.start,
            seed=settings.seed,
            currency=basis.currency,
            worth=basis.worth,
            freight=unit_freight(basis.tables, basis.worth),
            protecting=settings.plan.safety_stock and not basis.horizon.replay,
            workers=settings.forecast.workers,
            progress=watch.progress,
        )


def explain_landed_cost(
    basis: Basis,
    settings: Settings,
    sku: str,
    market: str,
    *,
    on: date | None,
    lane: str | None,
    quantity: float,
    seller: str | None,
    derived: tuple[Assumption, ...] = (),
) -> LandedCost:
    """Explain one landed cost; without a day, by the rules of the first day planned.

    ``derived`` is what imports have assumed; what completing the tables assumes is marked too.
    """
    known = {row["sku"]: row for row in basis.tables["products"].to_pylist()}.get(sku, {})
    missing = {f"products.{column}" for column in ("weight", "volume") if known.get(column) is None}
    completed = complete(basis, settings)
    return landed_cost(
        completed.tables,
        settings.logistics,
        sku=sku,
        market=market,
        on=on or basis.horizon.start,
        currency=basis.currency,
        worth=basis.worth,
        lane=lane,
        quantity=quantity,
        seller=seller,
        assumed=Assumed(
            (*derived, *completed.assumptions),
            frozenset(missing if "lanes" in basis.tables else {*missing, "tariffs"}),
        ),
    )


def change(basis: Basis, what_ifs: tuple[WhatIf, ...]) -> Basis:
    """Change what the what-ifs say in completed tables; where rates change, sales abroad are worth what they are now."""
    changed = apply_what_ifs(what_ifs, basis.tables, basis.currency)
    tables, currency = changed.tables, basis.currency
    worth, _ = rates(tables.get("fx"), currency, basis.horizon.start)
    if worth != basis.worth:
        more = {code: rate / basis.worth[code] for code, rate in worth.items()}
        weekly = revenue_in_run_currency(tables["weekly"], tables["markets"], more, currency)
        tables = tables.adding({"weekly": weekly})
    return replace(
        basis,
        tables=tables,
        factors=changed.factors,
        worth=worth,
        assumptions=(*basis.assumptions, *changed.assumptions),
    )


def plan(
    basis: Basis,
    forecasts: Mapping[str, pa.Table],
    settings: Settings,
    watch: Stopwatch,
    asked: Asked = NOTHING_MORE,
) -> PlanSet:
    """Plan the weeks: as recorded, each owner separately, and all members jointly."""
    with watch.stage("plan", tr("Planning")):
        return make_plans(
            basis.tables.adding(forecasts),
            settings.plan,
            currency=basis.currency,
            start=basis.horizon.start,
            weeks=basis.horizon.weeks,
            replay=basis.horizon.replay,
            measures=settings.measures,
            members=asked.members,
            seed=settings.seed,
            factors=basis.factors,
            questions=asked.questions,
            earlier=None if asked.earlier is None else asked.earlier.tables,
            progress=watch.progress,
            stop=watch.stop,
        )


def take_over(basis: Basis, earlier: Earlier) -> Basis:
    """Begin completed tables with what an earlier plan leaves as the first week begins, carried out as it stands.

    In its own first week that is what it began with itself; past weeks that are replayed begin as they were recorded.
    """
    first, start, weeks = earlier.horizon.start, basis.horizon.start, earlier.horizon.weeks
    if basis.horizon.replay or earlier.horizon.replay or start < first:
        return basis
    if start > first + timedelta(weeks=weeks):
        return replace(basis, assumptions=(*basis.assumptions, ENDED_BEFORE))
    now = _by_table([(file.table, file.sha256) for file in basis.files])
    brought = frozenset(name for name, files in now.items() if earlier.inputs.get(name) != files)
    tables = earlier.tables
    if start > first:
        rows = left_by(tables, first, start, basis.tables, basis.worth, brought)
        told = materials_ordered(tables, start)
    else:
        rows = tables["carried"].to_pylist() if "carried" in tables else []
        told = [row for row in (MATERIALS_TO_COME, MATERIALS_LOST) if row.item in _assumed(tables)]
    if not rows and not any(name in basis.tables for name in ("stock", "material_stock")):
        return replace(basis, assumptions=(*basis.assumptions, *told))
    begun, taken, assumed = with_left(basis.tables, rows, start, brought)
    if start == first:
        # Stock that was counted for the earlier run is in no row of what that took over itself.
        counted = {name: f"input_{name}" for name in ("stock", "material_stock") if name not in brought}
        begun = begun.adding({name: tables[kept] for name, kept in counted.items() if kept in tables})
    return replace(
        basis,
        tables=begun,
        carried=pa.Table.from_pylist(taken, TABLES["carried"].arrow),
        assumptions=(*_without(basis.assumptions, "stock", "material_stock"), *told, *assumed),
    )


def _assumed(tables: Mapping[str, pa.Table]) -> set[str]:
    """Return what an earlier run assumed, by item."""
    return set(tables["assumptions"]["item"].to_pylist()) if "assumptions" in tables else set()


def _without(assumptions: tuple[Assumption, ...], *tables: str) -> tuple[Assumption, ...]:
    """Return what is assumed but that tables are absent: they are there now."""
    return tuple(row for row in assumptions if row.item not in tables)


def _by_table(files: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return the hashes of files by the table they hold."""
    return {name: frozenset(hash_ for table, hash_ in files if table == name) for name, _ in files}


def freeze(basis: Basis, lots: pa.Table, weeks: int) -> Basis:
    """Decide on the joint plan's lots of the first weeks, beside what the table approved says."""
    decided = basis.tables["approved"].to_pylist() if "approved" in basis.tables else []
    frozen = frozen_lots(lots, decided, basis.horizon.start, weeks)
    if not frozen:
        return basis
    rows = pa.Table.from_pylist([*decided, *frozen], TABLES["approved"].arrow)
    return replace(
        basis,
        tables=basis.tables.adding({"approved": rows}),
        assumptions=_without(basis.assumptions, "approved"),
        frozen=len({(row["week"], row["firm"], row["sku"], row["chain"]) for row in frozen}),
    )


def named_owners(members: tuple[str, ...] | None, tables: Tables) -> tuple[str, ...] | None:
    """Return the owners that members name, by their own name or by that of a firm, before anything slow begins.

    Raises
    ------
    UsageError
        If a member is neither an owner nor a firm.
    """
    if members is None:
        return None
    firms = tables["firms"].select(["firm", "owner"]).to_pylist()
    owner_of = {row["firm"]: row["owner"] or row["firm"] for row in firms}
    owners = sorted(set(owner_of.values()))
    if strangers := [member for member in members if member not in owners and member not in owner_of]:
        close = near(strangers[0], owners)
        raise UsageError(
            tr("{name} owns no firm in the table firms.", name=strangers[0]),
            sentences(
                (
                    tr("Did you mean {close}?", close=close) if close else "",
                    tr("The owners are: {owners}.", owners=some(owners, 20)),
                )
            ),
        )
    return tuple(dict.fromkeys(member if member in owners else owner_of[member] for member in members))


def _partial_weeks(lines: int) -> list[DataIssue]:
    if not lines:
        return []
    return [
        DataIssue(
            table="sales",
            file="",
            row=None,
            column="date",
            value=str(lines),
            rule="partial_week",
            message=tr(
                "{n} {n:line of sales lies|lines of sales lie} in the incomplete first or last week and {n:is|are} left out.",
                n=lines,
            ),
            cure=tr("Add the missing days of those weeks to have them counted."),
            severity="warning",
        )
    ]
