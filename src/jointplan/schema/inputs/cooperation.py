"""What members agree on: designs, terms, policies, and what measures of cooperation cost."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind, Table

TEXT, NUMBER, DATE = Kind.TEXT, Kind.NUMBER, Kind.DATE

DESIGNS = Table(
    "designs",
    "设计",
    "input",
    "Original designs of members: products that others make only with a licence.",
    "成员的原创设计：其他企业须经许可方可生产。",
    (
        Column("design", "设计编码", TEXT, "Code of the design.", "设计编码。", required=True),
        Column("owner", "权利人", TEXT, "Firm that owns it.", "权利企业。", required=True, references=("firms.firm",)),
        Column("sku", "产品编码", TEXT, "Product it is used in.", "所用产品。", references=("products.sku",)),
        Column("created", "完成日期", DATE, "Day it was made.", "完成日期。"),
        Column("registration", "登记号", TEXT, "Registration, if any.", "登记号（如有）。"),
        Column("market", "市场编码", TEXT, "Market it is registered in.", "登记市场。", references=("markets.market",)),
        Column(
            "royalty",
            "许可费率",
            NUMBER,
            "Share of the price that a maker pays for a licence, unit by unit.",
            "生产企业按件支付的许可费占售价比例。",
            "share",
            low=0,
            high=1,
            absent="licences cost nothing",
            absent_zh="许可不收费",
        ),
    ),
    ("design", "market"),
    absent="No designs are registered: nobody needs a licence.",
    absent_zh="没有登记设计：生产无需许可。",
)

TERMS = Table(
    "terms",
    "成员条款",
    "input",
    "On what terms owners plan together.",
    "各所有者参与协同的条件。",
    (
        Column(
            "owner",
            "所有者",
            TEXT,
            "Owner whose term it is; a firm without owner stands for itself.",
            "提出条款的所有者；未填所有者的企业以自身为准。",
            required=True,
            references=("firms.owner", "firms.firm"),
        ),
        Column(
            "term",
            "条款",
            TEXT,
            "refuse: no job of one moves to firms of the other. keep_hours: part of the regular hours stays for own products. protect: what it makes or sells for a market stays with its present maker.",
            "拒绝：双方的订单互不转移。保留工时：部分正常工时只留给自有产品。保护客户：其为某市场生产或销售的产品仍由现有企业生产。",
            required=True,
            choices=("refuse", "keep_hours", "protect"),
        ),
        Column(
            "partner",
            "对方",
            TEXT,
            "Owner who is refused.",
            "被拒绝的所有者。",
            references=("firms.owner", "firms.firm"),
        ),
        Column(
            "market",
            "市场编码",
            TEXT,
            "Market whose customers are protected; blank: all.",
            "受保护客户所在市场；空白表示全部。",
            references=("markets.market",),
        ),
        Column("process", "工艺", TEXT, "Process whose hours are kept; blank: all.", "保留工时的工艺；空白表示全部。"),
        Column(
            "share",
            "保留比例",
            NUMBER,
            "Part of the regular hours that is kept.",
            "保留的正常工时比例。",
            "share",
            default=0.0,
            low=0,
            high=1,
        ),
    ),
    ("owner", "term", "partner", "market", "process"),
    absent="Members refuse nobody, keep no hours for themselves and protect no customers.",
    absent_zh="成员不拒绝任何一方，不为自己保留工时，也不保护客户。",
)

POLICIES = Table(
    "policies",
    "共享规则",
    "input",
    "Who may see what.",
    "数据可见规则。",
    (
        Column("owner", "数据方", TEXT, "Whose data.", "数据所有者。", required=True),
        Column("table", "数据表", TEXT, "Which table.", "数据表。", required=True),
        Column(
            "audience",
            "对象",
            TEXT,
            "Who may see it.",
            "可见对象。",
            required=True,
            choices=("self", "hub", "members", "public"),
        ),
        Column(
            "level",
            "粒度",
            TEXT,
            "How much of it.",
            "可见粒度。",
            default="aggregate",
            choices=("rows", "aggregate", "none"),
        ),
    ),
    ("owner", "table", "audience"),
    absent="The hub sees rows; members see only their own.",
    absent_zh="集群运营方可见明细；成员只见自己的。",
)

MEASURES = Table(
    "measures",
    "协同措施",
    "input",
    "What a measure costs, how long it takes and what must come before it.",
    "各协同措施的费用、时间与前提。",
    (
        Column("measure", "措施", TEXT, "Measure.", "措施。", required=True),
        Column("cost", "费用", NUMBER, "Once, to introduce it.", "一次性投入。", "money", default=0.0, low=0),
        Column("weeks", "周数", NUMBER, "Time to introduce it.", "实施周数。", "weeks", default=0.0, low=0),
        Column(
            "prerequisite",
            "前提",
            TEXT,
            "Measure that must come first.",
            "须先实施的措施。",
            references=("measures.measure",),
        ),
    ),
    ("measure", "prerequisite"),
    absent="Measures cost nothing to introduce beyond the hub's own cost.",
    absent_zh="除运营费用外，措施无一次性投入。",
)
