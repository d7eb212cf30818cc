"""What is wanted and what is known of it: sales, returns, orders, markets and campaigns to come, stockouts, signals, promotions."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Ordered, Table

TEXT, INTEGER, NUMBER, DATE = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE

SALES = Table(
    "sales",
    "销售明细",
    "input",
    "One row per line sold. Returns stand in their own table.",
    "每行一笔销售；退货另列退货表。",
    (
        Column("source", "来源", TEXT, "Platform or file it came from.", "来源平台或文件。", default="own"),
        Column("document", "单号", TEXT, "Order or invoice number.", "订单或发票号。", required=True),
        Column(
            "occurrence",
            "行序",
            INTEGER,
            "Which of the equal lines of a document it is, from 1.",
            "同一单据中相同行的序号，从 1 起。",
            default=1,
            low=1,
        ),
        Column("date", "日期", DATE, "Local day of the sale.", "销售当地日期。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True, references=("markets.market",)),
        Column("channel", "渠道", TEXT, "Platform, shop or other way of sale.", "平台、店铺等渠道。"),
        Column(
            "seller",
            "卖家",
            TEXT,
            "Firm that invoices the customer.",
            "开票卖家。",
            required=True,
            references=("firms.firm",),
        ),
        Column("quantity", "数量", NUMBER, "Units sold.", "销售数量。", "units", required=True, above=0),
        Column(
            "unit_price",
            "单价",
            NUMBER,
            "Price of one unit.",
            "单价。",
            "market currency per unit",
            required=True,
            low=0,
        ),
    ),
    ("source", "document", "sku", "date", "unit_price", "quantity", "occurrence"),
    needed=True,
)

RETURNS = Table(
    "returns",
    "退货",
    "input",
    "Units that came back or lines that were cancelled after invoicing.",
    "退回的货物，或开票后取消的行。",
    (
        Column("source", "来源", TEXT, "Platform or file it came from.", "来源平台或文件。", default="own"),
        Column("document", "单号", TEXT, "Credit note or order number.", "退款单或订单号。", required=True),
        Column(
            "occurrence",
            "行序",
            INTEGER,
            "Which of the equal lines it is, from 1.",
            "相同行的序号，从 1 起。",
            default=1,
            low=1,
        ),
        Column("date", "日期", DATE, "Day of the return.", "退货日期。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True, references=("markets.market",)),
        Column(
            "seller",
            "卖家",
            TEXT,
            "Firm that invoiced the customer.",
            "开票卖家。",
            required=True,
            references=("firms.firm",),
        ),
        Column(
            "quantity",
            "数量",
            NUMBER,
            "Units returned, a positive number.",
            "退回数量（正数）。",
            "units",
            required=True,
            above=0,
        ),
        Column(
            "unit_price",
            "单价",
            NUMBER,
            "Price credited for one unit.",
            "退款单价。",
            "market currency per unit",
            low=0,
        ),
        Column("reason", "原因", TEXT, "Why it came back.", "退货原因。"),
    ),
    ("source", "document", "sku", "date", "quantity", "occurrence"),
    absent="No returns are assumed.",
    absent_zh="假定没有退货。",
)

ORDERS = Table(
    "orders",
    "未交订单",
    "input",
    "Open orders, with the day they are due.",
    "未完成的订单及交期。",
    (
        Column("order", "订单号", TEXT, "Order number.", "订单号。", required=True),
        Column("line", "行号", INTEGER, "Line of the order.", "订单行号。", default=1, low=1),
        Column("date", "下单日期", DATE, "Day it was placed.", "下单日期。"),
        Column("due", "交货日期", DATE, "Day it must be with the customer.", "要求送达日期。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True, references=("markets.market",)),
        Column("seller", "卖家", TEXT, "Firm that sells.", "卖家。", required=True, references=("firms.firm",)),
        Column("quantity", "数量", NUMBER, "Units ordered.", "订购数量。", "units", required=True, above=0),
        Column(
            "unit_price",
            "单价",
            NUMBER,
            "Price at which it is ordered; blank: at today's price.",
            "订单单价；空白按现行价格计。",
            "market currency per unit",
            low=0,
            absent="today's price",
            absent_zh="现行价格",
        ),
    ),
    ("order", "line"),
    rules=(Ordered("date", "due"),),
    absent="No open orders: demand is the forecast alone.",
    absent_zh="没有未交订单：需求只取预测。",
)

POTENTIALS = Table(
    "potentials",
    "市场潜力",
    "input",
    "What could be sold in a market that is not yet entered (markets.entry_cost); plans ahead decide whether to enter.",
    "尚未进入的市场（markets.entry_cost）的可能销量；前瞻计划决定是否进入。",
    (
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", required=True, references=("markets.market",)),
        Column("seller", "卖家", TEXT, "Firm that would sell.", "将销售的卖家。", required=True, references=("firms.firm",)),
        Column("quantity", "每周数量", NUMBER, "Units a week once it is known there.", "打开市场后的每周销量。", "units per week", required=True, above=0),
        Column("unit_price", "单价", NUMBER, "Price of one unit.", "单价。", "market currency per unit", required=True, low=0),
        Column("ramp_weeks", "爬坡周数", NUMBER, "Weeks until it is known; sales grow evenly.", "打开市场所需周数；销量匀速增长。", "weeks", default=0.0, low=0),
    ),
    ("sku", "market", "seller"),
    absent="No market waits to be entered.",
    absent_zh="没有待进入的市场。",
)  # fmt: skip

CAMPAIGNS = Table(
    "campaigns",
    "推广活动",
    "input",
    "Promotion in markets that are served: what a campaign costs and how much more it sells; plans ahead decide which to run.",
    "已进入市场的推广活动：费用与增销；前瞻计划决定开展哪些。",
    (
        Column("market", "市场编码", TEXT, "Market it runs in.", "推广市场。", required=True, references=("markets.market",)),
        Column("family", "产品族", TEXT, "Only for this family; blank: for everything sold there.", "仅推广该产品族；空白表示该市场全部产品。"),
        Column("cost", "费用", NUMBER, "Once, for the whole campaign.", "整个活动的一次性费用。", "market currency", required=True, low=0),
        Column("uplift", "增销比例", NUMBER, "Demand it adds, as a share of what is wanted without it.", "新增需求占原需求的比例。", "share", required=True, above=0),
        Column("ramp_weeks", "爬坡周数", NUMBER, "Weeks until it works in full; it grows evenly.", "达到全部效果所需周数；匀速增长。", "weeks", default=0.0, low=0),
        Column("source", "依据", TEXT, "Where the estimate comes from.", "估计依据。"),
    ),
    ("market", "family"),
    absent="No campaign is on offer.",
    absent_zh="没有可开展的推广活动。",
)  # fmt: skip

AVAILABILITY = Table(
    "availability",
    "可售状态",
    "input",
    "Share of a week in which a product could be bought. Weeks below 1 are no proof of low demand.",
    "产品在一周内可供购买的时间比例；低于 1 的周不能说明需求低。",
    (
        Column("week", "周", DATE, "Monday of the week.", "该周周一。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column(
            "market", "市场编码", TEXT, "Market; blank: all.", "市场；空白表示全部。", references=("markets.market",)
        ),
        Column("seller", "卖家", TEXT, "Seller; blank: all.", "卖家；空白表示全部。", references=("firms.firm",)),
        Column(
            "share",
            "比例",
            NUMBER,
            "Share of the week in which it could be bought.",
            "该周可供购买的时间比例。",
            "share",
            required=True,
            low=0,
            high=1,
        ),
    ),
    ("week", "sku", "market", "seller"),
    absent="Everything could be bought in every week.",
    absent_zh="假定各周均可购买。",
)

STOCK_COUNTS = Table(
    "stock_counts",
    "库存盘点",
    "input",
    "Past counts of goods on hand. A week in which they had run out is no proof of low demand.",
    "历史库存盘点；断货的周不能说明需求低。",
    (
        Column("date", "盘点日期", DATE, "Day of the count.", "盘点的日期。", required=True),
        Column("site", "地点", TEXT, "Firm or site that was counted.", "盘点的企业或地点。", required=True, references=("firms.firm", "sites.site")),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Only market served from there; blank: any that no other count names.", "仅供该市场；空白表示未被其他盘点指明的任何市场。", references=("markets.market",)),
        Column("seller", "卖家", TEXT, "Seller the goods belong to; blank: any.", "所属卖家；空白表示任意。", references=("firms.firm",)),
        Column("quantity", "数量", NUMBER, "Units on hand; 0: none.", "现有数量；0 表示无货。", "units", required=True, low=0),
    ),
    ("date", "site", "sku", "market", "seller"),
    absent="What is told by availability apart, no goods ever ran out.",
    absent_zh="除可售状态所示外，假定从未断货。",
)  # fmt: skip

SIGNALS = Table(
    "signals",
    "热度信号",
    "input",
    "Views, carts, searches and reviews per day.",
    "每日浏览、加购、搜索、评论。",
    (
        Column("date", "日期", DATE, "Day.", "日期。", required=True),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", references=("markets.market",)),
        Column("platform", "平台", TEXT, "Where it was seen.", "来源平台。", default="own"),
        Column(
            "kind",
            "类型",
            TEXT,
            "What was counted.",
            "信号类型。",
            required=True,
            choices=("views", "carts", "searches", "reviews"),
        ),
        Column("value", "数值", NUMBER, "How many.", "次数。", "count", required=True, low=0),
    ),
    ("date", "sku", "market", "platform", "kind"),
    absent="Heat is read from sales alone.",
    absent_zh="热度只由销售得出。",
)

PROMOTIONS = Table(
    "promotions",
    "推广",
    "input",
    "Promotion spent, with what it brought; and what is planned for days to come, which lifts their forecasts.",
    "推广投入与效果；也可填写今后已计划的推广，预测会相应上调。",
    (
        Column("date", "日期", DATE, "Day.", "日期。", required=True),
        Column("seller", "卖家", TEXT, "Who paid.", "投放卖家。", required=True, references=("firms.firm",)),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", references=("products.sku",)),
        Column("market", "市场编码", TEXT, "Market.", "市场。", references=("markets.market",)),
        Column("spend", "花费", NUMBER, "Money spent.", "推广花费。", "market currency", required=True, low=0),
        Column("impressions", "曝光", NUMBER, "Times shown.", "曝光次数。", "count", low=0),
        Column("clicks", "点击", NUMBER, "Times clicked.", "点击次数。", "count", low=0),
    ),
    ("date", "seller", "sku", "market"),
    rules=(Ordered("clicks", "impressions"),),
    absent="No promotion is known.",
    absent_zh="没有推广数据。",
)
