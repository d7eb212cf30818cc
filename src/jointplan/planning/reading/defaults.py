"""What is assumed where a table or a cell is missing, each with its rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.planning.reading.materials import only_new
from jointplan.planning.settings import PlanSettings
from jointplan.schema import INPUTS, TABLES, Assumption

VOLUMETRIC = 200.0  # kg charged for a m³ of parcel where no lanes are given

# Tables that a user may bring and this version of the plan does not count yet: said, never silently dropped.
NOT_COUNTED = (
    "promotions",
    "policies",
    "measures",
)


def complete_tables(tables: Tables, settings: PlanSettings) -> tuple[Tables, list[Assumption]]:
    """Fill in absent tables and blank cells that the plan needs.

    Parameters
    ----------
    tables : Tables
        Checked tables, with ``weekly`` sales (week, sku, market, seller, quantity, revenue in the run's currency).
    settings : PlanSettings
        Values that stand in for missing data.

    Returns
    -------
    tables : Tables
        The tables with **products**, **operations**, **capabilities**, **capacity**, **lanes** and **tariffs** complete.
    assumptions : list of Assumption
        A row for each thing assumed.
    """
    assumed: list[Assumption] = []
    weekly = tables.frame("weekly")
    products = _fill_products(tables.frame("products"), weekly, settings, assumed)
    completed = {"products": _arrow("products", products)}
    made = products[products["maker"].notna()]
    operations = tables.frame("operations") if "operations" in tables else _operations(made, settings, assumed)
    capabilities = (
        tables.frame("capabilities") if "capabilities" in tables else _capabilities(made, operations, settings, assumed)
    )
    capacity = (
        tables.frame("capacity")
        if "capacity" in tables
        else _capacity(made, operations, capabilities, weekly, settings, assumed)
    )
    completed |= {
        "operations": _arrow("operations", operations),
        "capabilities": _arrow("capabilities", capabilities),
        "capacity": _arrow("capacity", capacity),
    }
    if operations.groupby(["sku", "family"], dropna=False).size().max() > 1 and settings.making.chains:
        assumed += _of_divided_labour(tables, settings)
    if "materials" in tables and "sources" in tables:
        assumed += [
            Assumption(
                "materials with new sources only",
                "Only new sources are given, which members qualify together: until then the material is taken to cost what is left of the"
                " assumed material share of the products' value, at least what the new sources ask.",
                "仅有须由成员共同认证的新货源：认证之前，按产品价值的假定物料占比扣除其他物料后的余额计价，且不低于新货源的价格。",
                "sources",
                subject=material,
                value=f"{settings.making.material_share:g}",
                unit="share",
            )
            for material in only_new(tables.frame("sources"))
        ]
    if "lanes" not in tables:
        lanes, tariffs = _lanes(tables.frame("markets"), products, settings, assumed)
        completed |= {"lanes": _arrow("lanes", lanes), "tariffs": _arrow("tariffs", tariffs)}
    for table in INPUTS:
        if table.name not in tables and table.absent and table.name not in completed and table.name != "recorded":
            assumed.append(Assumption(table.name, table.absent, table.absent_zh, table.name))
    assumed += [
        Assumption(
            name,
            "The table is there, but its rules are not counted in the plan yet.",
            "已提供该表，但目前的计划尚未计入。",
            "-",
        )
        for name in NOT_COUNTED
        if name in tables and tables[name].num_rows
    ]
    return tables.adding(completed), assumed + _from_settings(products, settings)


def _from_settings(products: pd.DataFrame, settings: PlanSettings) -> list[Assumption]:
    """Return the costs and rules that no table can tell, as set."""
    making, costs, hub = settings.making, settings.costs, settings.hub
    rows: list[tuple[str, str, str, float, str]] = [
        (
            "plan.costs.holding_rate", "Yearly cost of capital tied up in stock, of material and making cost.",
            "库存占用资金的年成本，占物料与加工成本的比例。", costs.holding_rate, "share",
        ),
        (
            "plan.costs.late_share", "Cost of being one week late with a unit, of its price.",
            "单件每晚一周的成本，占售价的比例。", costs.late_share, "share",
        ),
        (
            "plan.costs.late_weeks", "Weeks a customer waits before the demand is lost.",
            "客户愿意等待的周数，超过则需求流失。", costs.late_weeks, "weeks",
        ),
        (
            "plan.costs.goodwill_share", "Goodwill lost with a unit that is not delivered, of its price.",
            "未交付单件的商誉损失，占售价的比例。", costs.goodwill_share, "share",
        ),
        (
            "plan.making.overtime_premium", "What an hour of overtime costs on top, of the hourly cost.",
            "加班每小时的额外成本，占每小时成本的比例。", making.overtime_premium, "share",
        ),
        (
            "plan.making.other_makers",
            "Firms of other owners that a product is considered for: the cheapest with hours in the weeks planned, full workshops at the price of overtime.",
            "每种产品考虑的其他所有者企业数（计划周内有工时者中成本最低的，已满负荷车间按加班计价）。", making.other_makers, "firms",
        ),
    ]  # fmt: skip
    if hub.weekly_cost is not None:
        rows.append(
            (
                "plan.hub.weekly_cost",
                "Cost of running the cooperation a week.",
                "协同运营每周费用。",
                hub.weekly_cost,
                "money",
            )
        )
    else:
        rows.append(
            ("plan.hub.share", "Cost of running the cooperation, of the worth of what members sell.", "协同运营费用，占成员所售货物需求金额的比例。",
             hub.share, "share")
        )  # fmt: skip
    if (products["transfer_price"].isna() & products["maker"].notna()).any():
        rows.append(
            ("plan.making.transfer_margin", "Margin of the maker on its cost, where no transfer price is given.",
             "未给出结算价时，生产企业在成本上的加成。", making.transfer_margin, "share")
        )  # fmt: skip
    return [
        Assumption(item, rule, rule_zh, item, value=f"{value:g}", unit=unit)
        for item, rule, rule_zh, value, unit in rows
    ]


def _of_divided_labour(tables: Tables, settings: PlanSettings) -> list[Assumption]:
    """Return what is assumed of jobs whose steps several firms do."""
    making, freight = settings.making, settings.freight
    rows = (
        ("plan.making.chains", "Ways to divide a product's steps among firms that are considered: the most promising.",
         "每种产品考虑的工序分工方案数（最有希望者）。", making.chains, "ways"),
        ("plan.making.step_margin", "What a firm is paid for a step on top of its cost, of that cost.",
         "承接工序的企业在其成本上的加成。", making.step_margin, "share"),
        ("plan.freight.move_loading", "Loading and unloading of a m³ between two steps at firms that no lane joins.",
         "两道工序分处两家、其间无线路时，每立方米的装卸费。", freight.move_loading, "money per m³"),
        ("plan.freight.move_rate", "Transport of a m³ for a km between two such firms, as the crow flies; it arrives in the same week.",
         "同上，每立方米每公里（直线距离）的运费；当周到达。", freight.move_rate, "money per m³ and km"),
    )  # fmt: skip
    assumed = [
        Assumption(item, rule, rule_zh, item, value=f"{value:g}", unit=unit)
        for item, rule, rule_zh, value, unit in rows
    ]
    if "lanes" in tables and tables.frame("lanes")["destination"].isin(tables.frame("firms")["firm"]).any():
        assumed.append(
            Assumption(
                "moves on lanes between firms",
                "A unit bears its part of a consignment of as many as are wanted of the product in a week in which any is, by the lane's tariff; of"
                " several lanes the cheapest is taken, the capital tied up on the way counted in.",
                "每件分摊一票货的运费，一票的货量为该产品在有需求的各周的平均周需求量，按线路运价计；有多条线路时取最便宜的一条，计入在途占用资金的成本。",
                "tariffs",
            )
        )
    return assumed


def _arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    schema = TABLES[name].arrow
    frame = frame.reindex(columns=schema.names)
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


def _fill_products(
    products: pd.DataFrame, weekly: pd.DataFrame, settings: PlanSettings, assumed: list[Assumption]
) -> pd.DataFrame:
    products = products.copy()
    sold = weekly.groupby("sku")[["revenue", "quantity"]].sum()
    price = products["sku"].map(sold["revenue"] / sold["quantity"])
    blank = products["unit_value"].isna()
    products["unit_value"] = products["unit_value"].fillna(price)
    if blank.any():
        assumed.append(
            Assumption(
                "products.unit_value",
                "The mean price at which the product was sold; else the median of its family, else of all products.",
                "取该产品平均成交价；否则取产品族中位数，再否则取全部产品中位数。",
                "products",
                value=str(int(blank.sum())),
                unit="products",
            )
        )
    family = products.groupby("family")["unit_value"].transform("median")
    products["unit_value"] = products["unit_value"].fillna(family).fillna(_median(products["unit_value"])).fillna(0.0)
    typical = _median(products["unit_value"])
    size = products["unit_value"] / typical if typical > 0 else 1.0
    for column, usual in (("weight", settings.freight.weight), ("volume", settings.freight.volume)):
        blank = products[column].isna()
        if not blank.any():
            continue
        family = products.groupby("family")[column].transform("median")
        products[column] = products[column].fillna(family).fillna(_median(products[column])).fillna(size * usual)
        assumed.append(
            Assumption(
                f"products.{column}",
                f"The median of the product's family; else of all products; else plan.freight.{column} for a product of "
                "the median value, in proportion to value.",
                f"取产品族中位数；否则取全部产品中位数；再否则以设置值 plan.freight.{column} 为中位价值产品的取值，按价值比例推算。",
                f"products or plan.freight.{column}",
                value=str(int(blank.sum())),
                unit="products",
            )
        )
    return products


def _median(values: pd.Series) -> float:
    """Return the median of what is known; of nothing, NaN, about which NumPy would warn."""
    known = values.dropna()
    return float(known.median()) if len(known) else float("nan")


def _operations(made: pd.DataFrame, settings: PlanSettings, assumed: list[Assumption]) -> pd.DataFrame:
    table = TABLES["operations"]
    assumed.append(
        Assumption(
            "operations", table.absent, table.absent_zh, "operations", value=f"{settings.making.share:g}", unit="share"
        )
    )
    return pd.DataFrame(
        {
            "sku": made["sku"],
            "family": None,
            "step": 1,
            "process": made["family"],
            "hours": made["unit_value"] * settings.making.share / settings.making.hour_cost,
        }
    )


def _product_processes(made: pd.DataFrame, operations: pd.DataFrame) -> pd.DataFrame:
    """Return the operations of each product: its own rows, else its family's; columns sku, family, process, step, hours."""
    own = operations[operations["sku"].notna()]
    shared = operations[operations["sku"].isna()]
    base = made[["sku", "family", "maker"]]
    mine = base.merge(own[["sku", "process", "step", "hours"]], on="sku")
    rest = base[~base["sku"].isin(own["sku"])]
    return pd.concat([mine, rest.merge(shared[["family", "process", "step", "hours"]], on="family")], ignore_index=True)


def _capabilities(
    made: pd.DataFrame, operations: pd.DataFrame, settings: PlanSettings, assumed: list[Assumption]
) -> pd.DataFrame:
    table, making = TABLES["capabilities"], settings.making
    assumed.append(
        Assumption(
            "capabilities",
            table.absent,
            table.absent_zh,
            "capabilities",
            value=f"{making.hour_cost:g}",
            unit="money per hour",
        )
    )
    for item, hours in (("major", making.major_setup_hours), ("minor", making.minor_setup_hours)):
        assumed.append(
            Assumption(
                f"capabilities.{item}_setup_hours",
                f"The settings' value, plan.making.{item}_setup_hours.",
                f"取设置值 plan.making.{item}_setup_hours。",
                "capabilities",
                value=f"{hours:g}",
                unit="hours",
            )
        )
    pairs = _product_processes(made, operations)[["maker", "process", "family"]].drop_duplicates()
    return pd.DataFrame(
        {
            "firm": pairs["maker"],
            "process": pairs["process"],
            "family": pairs["family"],
            "sku": None,
            "hours_factor": 1.0,
            "cost_per_hour": making.hour_cost,
            "major_setup_hours": making.major_setup_hours,
            "major_setup_cost": 0.0,
            "minor_setup_hours": making.minor_setup_hours,
            "minor_setup_cost": 0.0,
            "yield": 1.0,
            "minimum_batch": 0.0,
        }
    )


def _capacity(
    made: pd.DataFrame,
    operations: pd.DataFrame,
    capabilities: pd.DataFrame,
    weekly: pd.DataFrame,
    settings: PlanSettings,
    assumed: list[Assumption],
) -> pd.DataFrame:
    """Take each firm's busiest week, its own setups included, as what it can do every week."""
    steps = _product_processes(made, operations)
    factor = capabilities.groupby(["firm", "process"])[
        ["hours_factor", "major_setup_hours", "minor_setup_hours"]
    ].mean()
    steps = steps.join(factor, on=["maker", "process"]).fillna(
        {"hours_factor": 1.0, "major_setup_hours": 0, "minor_setup_hours": 0}
    )
    if len(weekly):
        weekly = weekly[weekly["week"] > weekly["week"].max() - np.timedelta64(7 * settings.making.peak_weeks, "D")]
    sold = weekly.groupby(["week", "sku"], as_index=False)["quantity"].sum().merge(steps, on="sku")
    sold["run"] = sold["quantity"] * sold["hours"] * sold["hours_factor"] + sold["minor_setup_hours"]
    by_family = sold.groupby(["maker", "process", "week", "family"], as_index=False).agg(
        run=("run", "sum"), major=("major_setup_hours", "max")
    )
    by_family["hours"] = by_family["run"] + by_family["major"]
    peak = by_family.groupby(["maker", "process", "week"])["hours"].sum().groupby(["maker", "process"]).max()
    # A firm that sold nothing lately can still make one unit a week of its longest product.
    steps["least"] = steps["hours"] * steps["hours_factor"] + steps["minor_setup_hours"] + steps["major_setup_hours"]
    least = steps.groupby(["maker", "process"])["least"].max()
    hours = peak.reindex(least.index).fillna(0.0).combine(least, max)
    table = TABLES["capacity"]
    assumed += [
        Assumption(
            "capacity",
            table.absent,
            table.absent_zh,
            "capacity",
            subject=f"{firm} {process}",
            value=f"{h:.2f}",
            unit="hours per week",
        )
        for (firm, process), h in hours.items()
    ]
    frame = hours.rename("hours").rename_axis(["firm", "process"]).reset_index()
    frame["overtime_hours"] = 0.0
    frame["week"] = pd.NaT
    return frame


def _lanes(
    markets: pd.DataFrame, products: pd.DataFrame, settings: PlanSettings, assumed: list[Assumption]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    freight = settings.freight
    chargeable = np.maximum(products["weight"], products["volume"] * VOLUMETRIC)
    per_kg = _median((products["unit_value"] / chargeable).replace([np.inf, -np.inf], np.nan))
    rate = freight.share * (0.0 if np.isnan(per_kg) else per_kg)
    for name in ("lanes", "tariffs"):
        table = TABLES[name]
        assumed.append(
            Assumption(
                name,
                table.absent,
                table.absent_zh,
                "lanes and tariffs",
                value=f"{rate:.4g}",
                unit="money per kg",
            )
        )
    lanes = pd.DataFrame(
        {
            "lane": "parcel " + markets["market"],
            "origin": "*",
            "destination": markets["market"],
            "mode": "parcel",
            "tariff": "parcel",
            "transit_days": freight.days,
            "transit_spread": 0.0,
        }
    )
    tariffs = pd.DataFrame(
        [{"tariff": "parcel", "basis": "kg", "from_quantity": 0.0, "rate": rate, "minimum": 0.0,
          "volumetric": VOLUMETRIC, "container_kg": 26000.0, "container_m3": 65.0}]
    )  # fmt: skip
    return lanes, tariffs
