"""What will be wanted: forecasts with their quantiles, paths and totals."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, SELLER, SKU, WEEK

TEXT, INTEGER, NUMBER, DATE, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.BOOLEAN

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

KNOWN_SALES = Table(
    "known_sales",
    "已售序列所占销量",
    "result",
    "How much of what was sold in the weeks after past Mondays was sold by series that had sold before: forecasts speak of no others.",
    "以往各周一之后各周的销量中，此前已有销售的序列所占部分：预测只涉及这些序列。",
    (
        Column("origin", "起点", DATE, "Past Monday.", "以往的周一。", required=True),
        Column("weeks", "周数", INTEGER, "Weeks after it.", "其后的周数。", "weeks", required=True, low=1),
        Column("sold", "销量", NUMBER, "Units sold in them.", "这些周的销量。", "units", required=True, above=0),
        Column("known", "已售序列销量", NUMBER, "Units of series (product, market, seller) that had sold before it.", "此前已有销售的序列（产品、市场、卖家）的销量。", "units", required=True, low=0),
        Column("share", "占比", NUMBER, "Share of them in what was sold.", "其占销量的比例。", "share", required=True, low=0, high=1),
    ),
    ("origin",),
)  # fmt: skip

SILENCES = Table(
    "silences",
    "停售与久未销售",
    "result",
    "What sells no longer: series that have ended, and series still forecast that are silent for longer than they ever were while they sold.",
    "不再销售者：已停售的序列，以及仍在预测、但沉默时间超过以往任何间隔的序列。",
    (
        SKU,
        MARKET,
        SELLER,
        Column("last_sale", "末次销售", DATE, "Monday of the last week with sales.", "最后有销售的一周的周一。", required=True),
        Column("silent", "沉默周数", INTEGER, "Weeks since without a sale, those not counted in which it could not be bought.", "此后没有销售的周数，缺货的周不计。", "weeks", required=True, low=0),
        Column("longest", "以往最长间隔", INTEGER, "Longest silence between two of its sales.", "两次销售之间的最长间隔。", "weeks", required=True, low=0),
        Column("share", "有销售的周", NUMBER, "Share of the weeks from its first sale to its last in which it sold.", "首末次销售之间有销售的周所占比例。", "share", required=True, low=0, high=1),
        Column("ended", "已停售", BOOLEAN, "Whether it counts as ended (forecast.ended_weeks): its forecast is zero.", "是否视为已停售（forecast.ended_weeks）：预测为零。", required=True),
        Column("expected", "预测数量", NUMBER, "Units forecast for all weeks to plan.", "计划各周的预测总量。", "units", required=True, low=0),
    ),
    ("sku", "market", "seller"),
)  # fmt: skip
