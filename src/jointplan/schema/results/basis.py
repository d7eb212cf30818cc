"""What a run stands on: what was assumed, and the demand its plans are made for."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table
from jointplan.schema.results.columns import MARKET, SELLER, SKU, WEEK

TEXT, NUMBER, DATE = Kind.TEXT, Kind.NUMBER, Kind.DATE

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

CARRIED = Table(
    "carried",
    "期初接续",
    "result",
    "What a plan made again took over from the plan before as its first week began; empty where it took over nothing.",
    "重新计划时从上一计划接续的期初状态；没有接续时为空表。",
    (
        Column(
            "what", "类别", TEXT,
            "stock: goods on hand; under_way: goods that arrive later; work: goods whose first steps are done; material: material on hand; cash: money of a firm; setup: what a workshop is set up for; site, workshop, process, market, campaign: paid for once.",
            "stock：在库成品；under_way：在途成品；work：已开始加工的成品；material：已有物料；cash：企业现金；setup：车间换型状态；site、workshop、process、market、campaign：已一次性付款的节点、车间、工艺、市场、推广。",
            required=True,
            choices=("stock", "under_way", "work", "material", "cash", "setup", "site", "workshop", "process", "market", "campaign"),
        ),
        Column("place", "地点", TEXT, "Firm, site or market.", "企业、节点或市场。", required=True),
        Column("subject", "对象", TEXT, "Product of goods; material; process of a setup or of what was learned; family of a campaign.", "成品的产品；物料；换型或所学的工艺；推广的产品族。"),
        Column("seller", "卖家", TEXT, "Seller that goods belong to.", "成品所属卖家。"),
        Column("sku", "产品编码", TEXT, "Product that a workshop is set up for.", "车间已换型的产品。"),
        Column("chain", "工序链", TEXT, "Firms that do the steps of goods in work in turn, joined by “ > ” as in the table lots.", "在制成品依次完成各工序的企业，以“ > ”连接（同批次表）。"),
        Column("week", "周", DATE, "Monday of the week in which goods arrive or come out; or in which something was paid for.", "成品到达或完工周（周一）；或付款周（周一）。"),
        Column("quantity", "数量", NUMBER, "Units; material units; or money, cash in the firm's currency.", "件数；物料数量；或金额，现金以企业币种计。"),
    ),
    ("what", "place", "subject", "seller", "chain", "week"),
)  # fmt: skip

DEMAND = Table(
    "demand",
    "计划需求",
    "result",
    "The demand all plans were made for, in whole units; open orders at their own price apart from the rest of their week.",
    "各计划共同依据的需求（整数件）；未交订单按各自的单价与当周其余需求分列。",
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
    ("week", "sku", "market", "seller", "origin", "price"),
)
