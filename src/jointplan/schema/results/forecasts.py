"""What will be wanted: forecasts with their quantiles, paths and totals."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, SELLER, SKU, WEEK

TEXT, INTEGER, NUMBER, DATE = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE

QUANTILES = ("q025", "q05", "q10", "q20", "q30", "q40", "q50", "q60", "q70", "q80", "q90", "q95", "q975")

_FAN = (
    Column("mean", "均值", NUMBER, "Expected demand.", "期望需求。", "units per week", required=True, low=0),
    *(
        Column(
            q,
            f"分位数 {q[1:]}",
            NUMBER,
            f"Demand is below this with chance 0.{q[1:]}.",
            f"需求低于此值的概率为 0.{q[1:]}。",
            "units per week",
            required=True,
            low=0,
        )
        for q in QUANTILES
    ),
)

FORECASTS = Table(
    "forecasts",
    "需求预测",
    "result",
    "Weekly demand per product, market and seller: mean and quantiles.",
    "各产品、市场、卖家的每周需求：均值与分位数。",
    (
        Column(
            "basis",
            "数据基础",
            TEXT,
            "own:<owner> or shared: whose rows it was made from.",
            "own:<所有者> 或 shared：预测所用数据。",
            required=True,
        ),
        Column("origin", "预测起点", DATE, "Monday of the first week forecast.", "预测首周周一。", required=True),
        WEEK,
        SKU,
        MARKET,
        SELLER,
        *_FAN,
        Column("model", "模型", TEXT, "Model that made it.", "所用模型。", required=True),
    ),
    ("basis", "origin", "week", "sku", "market", "seller"),
)

FORECAST_PATHS = Table(
    "forecast_paths",
    "需求路径",
    "result",
    "Courses that demand may take, drawn from the forecasts; series move together as they did.",
    "由预测抽取的可能需求路径；各序列按历史方式联动。",
    (
        Column("path", "路径", INTEGER, "Number of the course, from 1.", "路径序号，从 1 起。", required=True, low=1),
        WEEK,
        SKU,
        MARKET,
        SELLER,
        Column("quantity", "数量", NUMBER, "Demand in the week.", "该周需求。", "units", required=True, low=0),
    ),
    ("path", "week", "sku", "market", "seller"),
)

FORECAST_TOTALS = Table(
    "forecast_totals",
    "合计预测",
    "result",
    "Weekly demand of products, families, markets and the whole cluster: means are the sums of the series', quantiles those of sums in which series move together.",
    "产品、产品族、市场与整个集群的每周需求：均值为各序列之和，分位数取自各序列联动之和。",
    (
        Column(
            "by", "层级", TEXT, "What is added up.", "合计层级。", required=True,
            choices=("cluster", "market", "family", "product"),
        ),
        Column("name", "名称", TEXT, "Market, family or product; blank: the cluster.", "市场、产品族或产品；空白表示整个集群。"),
        WEEK,
        *_FAN,
    ),
    ("by", "name", "week"),
)  # fmt: skip
