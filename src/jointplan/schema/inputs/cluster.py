"""Who and what there is: firms, products and markets."""

from __future__ import annotations

from jointplan.schema.declare import RUN_CURRENCY, RUN_CURRENCY_ZH, Column, Kind, Table

TEXT, NUMBER, DATE, CURRENCY, COUNTRY = Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.CURRENCY, Kind.COUNTRY

FIRMS = Table(
    "firms",
    "企业",
    "input",
    "Every member of the cluster: who makes, who sells, who supplies, who carries.",
    "集群成员：生产企业、跨境卖家、供应商、承运商。",
    (
        Column("firm", "企业编码", TEXT, "Short code of the firm.", "企业的唯一编码。", required=True),
        Column("name", "企业名称", TEXT, "Name as people know it.", "企业名称。"),
        Column(
            "owner",
            "所有者",
            TEXT,
            "Who owns it; firms of one owner plan together anyway. Blank: the firm itself.",
            "所有者；同一所有者的企业本来就统一计划。空白表示企业自身。",
            default_from="firm",
            absent="every firm is its own owner",
            absent_zh="每家企业自成一个所有者",
        ),
        Column(
            "role",
            "角色",
            TEXT,
            "What the firm does.",
            "企业的角色。",
            required=True,
            choices=("maker", "seller", "both", "supplier", "carrier", "workshop"),
        ),
        Column("lat", "纬度", NUMBER, "Latitude.", "纬度。", "degrees", low=-90, high=90),
        Column("lon", "经度", NUMBER, "Longitude.", "经度。", "degrees", low=-180, high=180),
        Column("region", "地区", TEXT, "Region; links to the calendar.", "所在地区，与日历对应。"),
        Column(
            "currency",
            "币种",
            CURRENCY,
            "Currency of its costs.",
            "成本所用币种。",
            absent=RUN_CURRENCY,
            absent_zh=RUN_CURRENCY_ZH,
        ),
        Column(
            "opening_cost",
            "开设费用",
            NUMBER,
            "Of a shared workshop (role workshop: nobody's, with capabilities and capacity of its own): once, to open it; blank: 0.",
            "共享车间（角色 workshop：不属任何一家，自有加工能力与产能）的一次性开设费用；空白为 0。",
            "money",
            low=0,
        ),
        Column(
            "ready_weeks",
            "就绪周数",
            NUMBER,
            "Of a shared workshop: weeks from the start until work can begin there; blank: 0.",
            "共享车间自期初起可开工前的周数；空白为 0。",
            "weeks",
            low=0,
        ),
    ),
    ("firm",),
    needed=True,
)

PRODUCTS = Table(
    "products",
    "产品",
    "input",
    "Every product sold, with who makes it today.",
    "在售产品及其现有生产企业。",
    (
        Column("sku", "产品编码", TEXT, "Code of the product.", "产品的唯一编码。", required=True),
        Column("title", "产品名称", TEXT, "Title.", "产品名称。"),
        Column(
            "family",
            "产品族",
            TEXT,
            "Products that share a major setup.",
            "共用大换型的一组产品。",
            default="general",
            absent="one family for all, so that no product needs a major setup after another",
            absent_zh="所有产品同属一族，互换无须大换型",
        ),
        Column("hs", "海关编码", TEXT, "Customs (HS) code.", "海关（HS）编码。"),
        Column(
            "brand_owner", "品牌方", TEXT, "Firm that owns the mark.", "拥有商标的企业。", references=("firms.firm",)
        ),
        Column(
            "maker",
            "生产企业",
            TEXT,
            "Firm that makes it today; blank: bought in, not made in the cluster.",
            "目前的生产企业；空白表示外购，不在集群内生产。",
            references=("firms.firm",),
            absent="all products are bought in, none is made in the cluster",
            absent_zh="所有产品均为外购，不在集群内生产",
        ),
        Column(
            "unit_value",
            "单位价值",
            NUMBER,
            "Usual selling price.",
            "通常售价。",
            "money per unit",
            low=0,
            absent="the mean price at which the product was sold",
            absent_zh="该产品的平均成交价",
        ),
        Column(
            "transfer_price",
            "出厂价",
            NUMBER,
            "What the seller pays the maker; blank: maker's cost plus a margin.",
            "卖家付给生产企业的价格；空白按成本加成计算。",
            "money per unit",
            low=0,
            absent="the maker's cost plus a margin (plan.making.transfer_margin), or, if it is bought in, a share of its value "
            "(plan.making.bought_share)",
            absent_zh="生产企业成本加成（plan.making.transfer_margin），外购产品按其价值的一定比例（plan.making.bought_share）",
        ),
        Column(
            "weight",
            "单件重量",
            NUMBER,
            "Gross weight of one unit.",
            "单件毛重。",
            "kg",
            above=0,
            absent="in proportion to the product's value (plan.freight.weight)",
            absent_zh="按产品价值比例推算（plan.freight.weight）",
        ),
        Column(
            "volume",
            "单件体积",
            NUMBER,
            "Packed volume of one unit.",
            "单件包装体积。",
            "m³",
            above=0,
            absent="in proportion to the product's value (plan.freight.volume)",
            absent_zh="按产品价值比例推算（plan.freight.volume）",
        ),
        Column("launched", "上市日期", DATE, "Day it was first sold.", "首次销售日期。"),
    ),
    ("sku",),
    needed=True,
)

MARKETS = Table(
    "markets",
    "市场",
    "input",
    "Every place of sale.",
    "销售市场。",
    (
        Column("market", "市场编码", TEXT, "Code of the market.", "市场编码。", required=True),
        Column(
            "country", "国家", COUNTRY, "ISO 3166 two-letter code; blank where unknown.", "ISO 两位国家代码；未知留空。"
        ),
        Column(
            "currency",
            "币种",
            CURRENCY,
            "Currency in which sales there are invoiced.",
            "该市场的结算币种。",
            absent=RUN_CURRENCY,
            absent_zh=RUN_CURRENCY_ZH,
        ),
        Column(
            "entry_cost",
            "进入费用",
            NUMBER,
            "Once, to be known and admitted there; blank: the market is entered already.",
            "一次性推广与准入费用；空白表示已进入该市场。",
            "market currency",
            low=0,
        ),
    ),
    ("market",),
    needed=True,
)
