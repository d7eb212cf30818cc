"""The sample as a workspace on disk."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from jointplan.contracts import Progress, silent
from jointplan.errors import UsageError, WorkspaceError
from jointplan.sample import abilities, background, network, practice, sales_records
from jointplan.sample.cluster import firm_table, make_cluster, product_table
from jointplan.sample.demand_history import make_demand
from jointplan.sample.industry import INDUSTRIES
from jointplan.schema import INPUTS
from jointplan.store import Workspace
from jointplan.texts import argument, language, tr

LAST_WEEK = np.datetime64("2026-06-22", "D")
LEAST_WEEKS = 12
# Longer tables are read faster, and stay smaller, as Parquet.
MOST_CSV_ROWS = 200_000

SETTINGS = """\
# A synthetic sample cluster (合成示例): invented firms, products, prices and sales.
name = "{name} (synthetic, 合成示例)"
language = "{lang}"
synthetic = true
currency = "CNY"
seed = {seed}

[logistics]
# The sample's prices were drawn without tax: the buyer pays it on top.
prices_include_tax = false
"""

README = """\
SYNTHETIC SAMPLE · 合成示例

Everything in this folder is invented: firms, owners, products, prices, tariffs, sales, and what was made and shipped.
It was written by: jointplan sample {folder} --kind {kind} --firms {firms} --sellers {sellers} --products {products} --weeks {weeks} --seed {seed}
The same command writes the same files. Duty and export rules name a real source but are simplified: do not rely on them.
The recorded plan covers the last weeks of the history and starts from empty stock; the table of stock does not enter it.

本文件夹中的全部内容均为虚构：企业、所有者、产品、价格、运费、销售以及生产和发运记录。
同一命令生成同样的文件。关税与出口规则注明真实来源，但已简化，请勿直接采用。
实际执行表覆盖历史的最后若干周，从零库存开始；库存表不计入其中。
"""


def write_sample(
    folder: Path,
    *,
    kind: str = "appliances",
    firms: int = 40,
    sellers: int = 12,
    products: int = 150,
    weeks: int = 104,
    seed: int = 7,
    progress: Progress = silent,
) -> dict[str, int]:
    """Write a synthetic cluster with every input table filled, and its settings, in the language in force.

    Parameters
    ----------
    folder : Path
        Where to; an earlier sample there is replaced, unless runs were made from it. These and anything else are left
        alone with an error.
    kind : str
        ``appliances`` (household appliances as around Shunde) or ``small-goods`` (as around Yiwu).
    firms, sellers : int
        Firms on the making side (makers, specialist shops, suppliers, a carrier), and cross-border sellers besides.
    products : int
        Products.
    weeks : int
        Weeks of history; the last one starts on Monday 2026-06-22.
    seed : int
        The same seed and sizes give the same files, byte for byte.
    progress : Progress
        Told how far it is.

    Returns
    -------
    dict
        Rows of each table written.

    Raises
    ------
    UsageError
        If the kind is unknown or a number is too small.
    WorkspaceError
        If the folder holds something other than a sample, or runs made from one, or cannot be written.
    """
    if kind not in INDUSTRIES:
        raise UsageError(
            tr("There is no sample of the kind {kind}.", kind=kind),
            tr("Choose one of: {kinds}.", kinds=tuple(INDUSTRIES)),
        )
    if weeks < LEAST_WEEKS:
        raise UsageError(
            tr(
                "A sample cluster needs at least {least} {what}, not {value}.",
                least=LEAST_WEEKS,
                what="weeks",
                value=weeks,
            ),
            tr("Give a larger number."),
        )
    sizes = {"firms": firms, "sellers": sellers, "products": products, "weeks": weeks, "seed": seed}
    workspace = Workspace(folder)
    _refuse_strangers(workspace)
    made = _make_tables(kind, sizes, progress)
    rows: dict[str, int] = {}
    try:
        workspace.tables.mkdir(parents=True, exist_ok=True)
        workspace.settings.write_text(SETTINGS.format(name=INDUSTRIES[kind].name, lang=language(), seed=seed), "utf-8")
        (folder / "README.txt").write_text(README.format(folder=argument(folder.name), kind=kind, **sizes), "utf-8")
        given = [table for table in INPUTS if table.name in made]
        for number, table in enumerate(given, 1):
            progress(tr("Writing {table}", table=table.name), 0.5 + 0.5 * number / len(given))
            _write(workspace.tables, table.name, made[table.name])
            rows[table.name] = made[table.name].num_rows
    except OSError as error:
        raise WorkspaceError(
            tr("The sample cannot be written to {folder}: {reason}.", folder=folder, reason=error.strerror or error),
            tr("Make room, or give another folder."),
        ) from error
    return rows


def _make_tables(kind: str, sizes: dict[str, int], progress: Progress) -> dict[str, pa.Table]:
    """Return the input tables; campaigns are left to whoever plans one."""
    industry, seed = INDUSTRIES[kind], sizes["seed"]
    weeks = LAST_WEEK - 7 * np.arange(sizes["weeks"])[::-1]
    progress(tr("Drawing firms and products"), 0.0)
    cluster = make_cluster(industry, **sizes)
    progress(tr("Drawing demand"), 0.05)
    demand = make_demand(cluster, weeks, seed)
    progress(tr("Replaying how the cluster works today"), 0.15)
    today = practice.simulate_practice(cluster, demand, seed)
    progress(tr("Drawing sales"), 0.25)
    sales = sales_records.sales_table(cluster, demand, seed)
    potentials, entry_cost = sales_records.potential_table(cluster, demand)
    last_year = LAST_WEEK.item().year - 1
    carriers = [firm for firm, role in zip(cluster.firms, cluster.roles, strict=True) if role == "carrier"]
    made = {
        "firms": firm_table(cluster),
        "products": product_table(cluster, LAST_WEEK),
        "markets": network.market_table(entry_cost),
        "potentials": potentials,
        "sales": sales,
        "returns": sales_records.return_table(sales, seed),
        "orders": sales_records.order_table(cluster, demand, seed),
        "availability": sales_records.availability_table(cluster, demand),
        "stock_counts": sales_records.stock_count_table(cluster, demand),
        "signals": sales_records.signal_table(cluster, demand, seed),
        "operations": abilities.operation_table(cluster),
        "capabilities": abilities.capability_table(cluster),
        "capacity": practice.capacity_table(cluster, demand, today),
        "calendar": network.calendar_table(industry),
        "materials": abilities.material_table(cluster),
        "sources": abilities.source_table(cluster, seed),
        "stock": practice.stock_table(cluster, demand, seed),
        "sites": network.site_table(industry),
        "lanes": network.lane_table(industry, carriers[0] if carriers else "carrier (synthetic)"),
        "tariffs": network.tariff_table(industry),
        "weight_rules": background.weight_rule_table(),
        "containers": background.container_table(),
        "duties": background.duty_table(),
        "export_modes": background.export_mode_table(),
        "certificates": background.certificate_table(cluster, demand, seed),
        "fx": network.fx_table(weeks, seed),
        "fees": background.fee_table(),
        "credit": background.credit_table(cluster, demand, seed),
        "promotions": sales_records.promotion_table(cluster, demand, seed),
        "ties": background.tie_table(cluster, demand, seed),
        "trade": background.trade_table(cluster, last_year, seed),
        "indicators": background.indicator_table(last_year, seed),
        "designs": background.design_table(cluster, weeks, seed),
        "terms": background.term_table(cluster),
        "policies": background.policy_table(cluster),
        "measures": background.measure_table(),
        "recorded": practice.recorded_table(cluster, demand, today, seed),
        "approved": practice.approved_table(cluster, demand),
    }
    return _in_use(made)


def _in_use(made: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Leave out what a small cluster has no use for: markets in which nobody sells or could, their lanes, families without products."""
    markets = {*made["sales"]["market"].to_pylist(), *made["potentials"]["market"].to_pylist()}
    gone = set(made["markets"]["market"].to_pylist()) - markets
    if gone:
        made = made | {"lanes": _rows(made["lanes"], "destination", gone, wanted=False)}
        made |= {"tariffs": _rows(made["tariffs"], "tariff", set(made["lanes"]["tariff"].to_pylist()))}
        designs = made["designs"]  # one registered elsewhere is a design all the same
        place = designs.column_names.index("market")
        kept = pc.if_else(pc.is_in(designs["market"], pa.array(sorted(markets))), designs["market"], None)
        made |= {"designs": designs.set_column(place, designs.schema.field(place), kept)}
    named = {"market": markets, "family": set(made["products"]["family"].to_pylist())}
    for column, used in named.items():
        made = {name: _rows(rows, column, used) if column in rows.column_names else rows for name, rows in made.items()}
    return made | {"sources": _rows(made["sources"], "material", set(made["materials"]["material"].to_pylist()))}


def _rows(rows: pa.Table, column: str, names: set[str], *, wanted: bool = True) -> pa.Table:
    """Return the rows of a table that name one of these, or none of them, and those that name nothing."""
    named = pc.is_in(rows[column], pa.array(sorted(names), pa.string()))
    return rows.filter(pc.or_(pc.is_null(rows[column]), named if wanted else pc.invert(named)))


def _refuse_strangers(workspace: Workspace) -> None:
    """Ensure that nothing but an earlier sample is written over, and none that runs were made from."""
    if any(
        (folder / "manifest.json").is_file()
        for made in (workspace.runs, workspace.diagnoses)
        for folder in _contents(made)
    ):
        raise WorkspaceError(
            tr(
                "The folder {folder} holds runs or diagnoses made from the sample that is there.", folder=workspace.root
            ),
            tr("Give another folder, or delete this one first; a new sample would not fit them."),
        )
    if not any(_contents(workspace.tables)) and not workspace.settings.exists():
        return
    try:
        settings: dict[str, Any] = tomllib.loads(workspace.settings.read_text("utf-8"))
    except (OSError, ValueError):
        settings = {}
    known = {f"{table.name}{ending}" for table in INPUTS for ending in (".csv", ".parquet")}
    if settings.get("synthetic") is not True or {path.name for path in _contents(workspace.tables)} - known:
        raise WorkspaceError(
            tr("The folder {folder} holds something other than a sample.", folder=workspace.root),
            tr("Give a new or empty folder."),
        )


def _contents(folder: Path) -> Iterator[Path]:
    yield from folder.iterdir() if folder.is_dir() else ()


def _write(folder: Path, name: str, table: pa.Table) -> None:
    """Write a table under its name, in place of an earlier one in either format."""
    csv, parquet = folder / f"{name}.csv", folder / f"{name}.parquet"
    if table.num_rows > MOST_CSV_ROWS:
        csv.unlink(missing_ok=True)
        pq.write_table(table, parquet, compression="zstd")
        return
    parquet.unlink(missing_ok=True)
    with csv.open("wb") as file:
        # Spreadsheets read the Chinese names right only with this mark.
        file.write("\ufeff".encode())
        pacsv.write_csv(table, file, pacsv.WriteOptions(quoting_style="needed"))
