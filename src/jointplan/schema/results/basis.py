"""What a run stands on: what was assumed, and the demand its plans are made for."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, SELLER, SKU, WEEK

TEXT, NUMBER = Kind.TEXT, Kind.NUMBER

ASSUMPTIONS = Table(
    "assumptions",
    "假设值",
    "result",
    "Everything that was assumed because no table said it, with the rule; replaced by supplying the table.",
    "因缺少数据而采用的假设及其规则；补充相应表格即可替换。",
    (
        Column("item", "事项", TEXT, "What was assumed.", "假设事项。", required=True),
        Column(
            "subject",
            "对象",
            TEXT,
            "Firm, product or lane it is about; blank: all.",
            "相关企业、产品或线路；空白表示全部。",
        ),
        Column("value", "取值", TEXT, "Value taken.", "取值。"),
        Column("unit", "单位", TEXT, "Unit of the value.", "单位。"),
        Column("rule", "规则", TEXT, "How it was found.", "取值规则。", required=True),
        Column("rule_zh", "规则（中文）", TEXT, "The rule in Chinese.", "规则（中文）。"),
        Column(
            "replaced_by", "替换方式", TEXT, "Table or setting that replaces it.", "可替换它的表或设置。", required=True
        ),
    ),
    ("item", "subject"),
)

DEMAND = Table(
    "demand",
    "计划需求",
    "result",
    "The demand all plans were made for, in whole units.",
    "各计划共同依据的需求（整数件）。",
    (
        WEEK,
        SKU,
        MARKET,
        SELLER,
        Column(
            "quantity", "数量", NUMBER, "Units wanted in the week.", "该周需求数量。", "units", required=True, low=0
        ),
        Column("price", "售价", NUMBER, "Price of one unit.", "单价。", "money per unit", required=True, low=0),
        Column("origin", "来源", TEXT, "forecast, orders or sales.", "预测、订单或实际销售。", required=True),
    ),
    ("week", "sku", "market", "seller"),
)
