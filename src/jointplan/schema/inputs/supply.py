"""What products are made of and what is there already: materials, their sources, and stock."""

from __future__ import annotations

from jointplan.schema.declare import RUN_CURRENCY, RUN_CURRENCY_ZH, Column, Kind, OneOf, Table

TEXT, NUMBER, CURRENCY, COUNTRY = Kind.TEXT, Kind.NUMBER, Kind.CURRENCY, Kind.COUNTRY

MATERIALS = Table(
    "materials",
    "物料清单",
    "input",
    "The bill of materials: what goes into one unit.",
    "物料清单：每件产品所需物料。",
    (
        Column(
            "sku", "产品编码", TEXT, "Product; or give the family.", "产品；或填产品族。", references=("products.sku",)
        ),
        Column("family", "产品族", TEXT, "Family it holds for.", "适用的产品族。"),
        Column("material", "物料", TEXT, "Material or part.", "物料或零件。", required=True),
        Column(
            "quantity",
            "用量",
            NUMBER,
            "Amount in one unit.",
            "每件用量。",
            "material units per unit",
            required=True,
            above=0,
        ),
        Column("unit", "单位", TEXT, "Unit of the material.", "物料单位。"),
    ),
    ("sku", "family", "material"),
    rules=(OneOf(("sku", "family")),),
    absent="Material costs a share of the product's value (settings: plan.making.material_share).",
    absent_zh="物料成本按产品价值的一定比例（设置 plan.making.material_share）。",
)

SOURCES = Table(
    "sources",
    "货源",
    "input",
    "Who supplies a material, from where and at what price; a row per price break.",
    "物料的供应商、产地与价格；每个价格档一行。",
    (
        Column("material", "物料", TEXT, "Material.", "物料。", required=True, references=("materials.material",)),
        Column("supplier", "供应商", TEXT, "Supplier.", "供应商。", required=True),
        Column("origin", "产地", COUNTRY, "Country it comes from.", "产地国家。"),
        Column(
            "from_quantity",
            "起订数量档",
            NUMBER,
            "The price holds from this quantity on.",
            "该价格适用的起始数量。",
            "material units",
            default=0.0,
            low=0,
        ),
        Column(
            "cost",
            "单价",
            NUMBER,
            "Price of one material unit.",
            "物料单价。",
            "money per material unit",
            required=True,
            low=0,
        ),
        Column(
            "minimum", "最小起订量", NUMBER, "Smallest order.", "最小起订量。", "material units", default=0.0, low=0
        ),
        Column(
            "multiple",
            "批量倍数",
            NUMBER,
            "Orders are multiples of this.",
            "订货量须为其整数倍。",
            "material units",
            default=0.0,
            low=0,
        ),
        Column(
            "lead_days",
            "供货天数",
            NUMBER,
            "Days until it arrives.",
            "到货天数。",
            "days",
            default=7.0,
            low=0,
            absent="a week for materials with price breaks, smallest orders, packs or new sources, no time for others",
            absent_zh="有价格档、起订量、整包装要求或新货源的物料为一周，其余物料随用随到",
        ),
        Column(
            "status",
            "状态",
            TEXT,
            "present: bought there today; new: to be qualified first, by members together.",
            "present：现有货源；new：须由成员共同认证的新货源。",
            default="present",
            choices=("present", "new"),
        ),
        Column(
            "currency",
            "币种",
            CURRENCY,
            "Currency of the price.",
            "价格币种。",
            absent=RUN_CURRENCY,
            absent_zh=RUN_CURRENCY_ZH,
        ),
    ),
    ("material", "supplier", "from_quantity"),
    absent="Material costs a share of the product's value (settings: plan.making.material_share).",
    absent_zh="物料成本按产品价值的一定比例（设置 plan.making.material_share）。",
)

MATERIAL_STOCK = Table(
    "material_stock",
    "物料库存",
    "input",
    "Materials that firms have on hand at the start, or that come to them later and are paid for.",
    "企业期初已有的物料，以及已付款、稍后到货的物料。",
    (
        Column(
            "firm",
            "企业编码",
            TEXT,
            "Firm that has it; where its products are made elsewhere, it is brought there.",
            "持有物料的企业；其产品在他处生产时，物料随之提供。",
            required=True,
            references=("firms.firm",),
        ),
        Column("material", "物料", TEXT, "Material.", "物料。", required=True, references=("materials.material",)),
        Column(
            "quantity",
            "数量",
            NUMBER,
            "Amount on hand, or to come.",
            "现有或待到货数量。",
            "material units",
            required=True,
            low=0,
        ),
        Column(
            "arrives",
            "到达日期",
            Kind.DATE,
            "Day on which it comes; blank: it is there at the start.",
            "到货日期；空白表示期初已有。",
        ),
    ),
    ("firm", "material", "arrives"),
    absent="Nobody has materials at the start: what is needed is bought.",
    absent_zh="期初各企业均无物料，所需物料全部采购。",
)

STOCK = Table(
    "stock",
    "库存",
    "input",
    "Finished goods on hand at the start, or under way then, by place and by the seller they belong to.",
    "期初成品库存与在途成品，按地点与所属卖家。",
    (
        Column(
            "site",
            "地点",
            TEXT,
            "Firm or site that holds it; of goods under way the one they go to, or the market.",
            "存放的企业或地点；在途货物为其到达的企业、地点或市场。",
            required=True,
            references=("firms.firm", "sites.site", "markets.market"),
        ),
        Column("sku", "产品编码", TEXT, "Product.", "产品。", required=True, references=("products.sku",)),
        Column(
            "seller",
            "卖家",
            TEXT,
            "Seller it belongs to; blank: any.",
            "所属卖家；空白表示任意。",
            references=("firms.firm",),
            absent="the plans give it to whoever sells most of the product, or to its maker where nobody sells it",
            absent_zh="计划中归该产品销量最大的卖家，无人销售时归其生产企业",
        ),
        Column(
            "quantity",
            "数量",
            NUMBER,
            "Units on hand, or under way.",
            "库存或在途数量。",
            "units",
            required=True,
            low=0,
        ),
        Column(
            "arrives",
            "到达日期",
            Kind.DATE,
            "Day on which goods under way arrive; blank: they are there at the start.",
            "在途货物的到达日期；空白表示期初已在该地点。",
        ),
    ),
    ("site", "sku", "seller", "arrives"),
    absent="Opening stock is zero everywhere, alike in every plan.",
    absent_zh="期初库存均为零，各计划相同。",
)
