"""The two kinds of cluster: what they make, of what, and around which town."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.sample.economics import APPLIANCE_ECONOMICS, SMALL_GOODS_ECONOMICS, Economics, Range


@dataclass(frozen=True)
class Material:
    """A material or bought part: its unit, list price (CNY) and, where it is imported, the country and currency."""

    code: str
    unit: str
    price: float
    origin: str = "CN"
    currency: str = "CNY"


@dataclass(frozen=True)
class ProductLine:
    """What a family of products is like.

    Parameters
    ----------
    code, prefix, title, title_zh, hs : str
        Family code, start of its product codes, names and customs code.
    price, weight, volume : tuple of float
        Least and most of the price (CNY), gross weight (kg) and packed volume (m³) of a unit.
    season : str
        ``summer``, ``winter``, ``gift`` (before Christmas) or ``even``.
    work : tuple of (process, share)
        The routing, and how the hours of a unit are shared among its processes.
    parts : tuple of str
        Parts of which a unit takes one each.
    substance : tuple of (material, share of the weight)
        Raw materials; the industry's filler makes up the rest of the material cost.
    """

    code: str
    prefix: str
    title: str
    title_zh: str
    hs: str
    price: Range
    weight: Range
    volume: Range
    season: str
    work: tuple[tuple[str, float], ...]
    parts: tuple[str, ...]
    substance: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Site:
    """A place outside the firms."""

    code: str
    name: str
    kind: str
    lat: float
    lon: float
    country: str
    storage: float
    handling: float
    opening: float


@dataclass(frozen=True)
class Industry:
    """One kind of cluster."""

    name: str
    region: str
    lat: float
    lon: float
    trade_word: str
    economics: Economics
    lines: tuple[ProductLine, ...]
    styles: tuple[tuple[str, str], ...]
    materials: tuple[Material, ...]
    filler: str
    specialists: tuple[str, ...]
    hub: Site
    port: Site


OVERSEAS = (
    Site("WH-US", "Overseas warehouse Los Angeles 洛杉矶海外仓", "overseas_warehouse", 33.95, -118.2, "US", 42, 110, 0),
    Site(
        "WH-DE", "Overseas warehouse Duisburg 杜伊斯堡海外仓", "overseas_warehouse", 51.43, 6.76, "DE", 45, 120, 60_000
    ),
)

FULL = (("moulding", 0.32), ("coating", 0.2), ("assembly", 0.36), ("packing", 0.12))
UNCOATED = (("moulding", 0.4), ("assembly", 0.46), ("packing", 0.14))
SHORT = (("moulding", 0.45), ("assembly", 0.55))

APPLIANCES = Industry(
    name="Shunde small appliances 顺德小家电",
    region="Shunde",
    lat=22.84,
    lon=113.24,
    trade_word="电器",
    economics=APPLIANCE_ECONOMICS,
    lines=(
        ProductLine(
            "kettle", "KT", "Electric kettle", "电热水壶", "851679", (150, 200), (0.95, 1.3), (0.007, 0.01), "even",
            FULL, ("heating-element", "thermostat", "power-cord", "carton"), (("resin-pp", 0.4), ("steel", 0.3)),
        ),
        ProductLine(
            "rice-cooker", "RC", "Rice cooker", "电饭煲", "851660", (360, 480), (2.4, 3.2), (0.018, 0.024), "even",
            FULL, ("heating-element", "inner-pot", "controller", "power-cord", "carton"),
            (("resin-pp", 0.4), ("steel", 0.3)),
        ),
        ProductLine(
            "fan", "FN", "Desk fan", "台式电风扇", "841451", (260, 350), (1.9, 2.6), (0.014, 0.02), "summer",
            UNCOATED, ("motor", "bearing-set", "power-cord", "carton"), (("resin-abs", 0.55), ("steel", 0.2)),
        ),
        ProductLine(
            "air-fryer", "AF", "Air fryer", "空气炸锅", "851660", (440, 590), (3.0, 3.9), (0.022, 0.03), "even",
            FULL, ("heating-element", "motor", "controller", "power-cord", "carton"),
            (("resin-pp", 0.45), ("steel", 0.3), ("coating-powder", 0.03)),
        ),
        ProductLine(
            "blender", "BL", "Blender", "搅拌机", "850940", (290, 390), (1.8, 2.5), (0.011, 0.016), "summer",
            UNCOATED, ("motor", "bearing-set", "glass-jug", "power-cord", "carton"), (("resin-abs", 0.45),),
        ),
        ProductLine(
            "hair-dryer", "HD", "Hair dryer", "电吹风", "851631", (150, 205), (0.8, 1.0), (0.006, 0.0075), "gift",
            SHORT, ("motor", "heating-element", "power-cord"), (("resin-abs", 0.5),),
        ),
        ProductLine(
            "toaster", "TS", "Toaster", "多士炉", "851672", (200, 270), (1.3, 1.7), (0.009, 0.012), "even",
            FULL, ("heating-element", "thermostat", "power-cord", "carton"),
            (("resin-pp", 0.3), ("steel", 0.45), ("coating-powder", 0.02)),
        ),
        ProductLine(
            "iron", "IR", "Steam iron", "蒸汽电熨斗", "851640", (165, 220), (1.0, 1.4), (0.0065, 0.009), "even",
            FULL, ("heating-element", "thermostat", "power-cord", "carton"),
            (("resin-pp", 0.4), ("steel", 0.3), ("coating-powder", 0.02)),
        ),
        ProductLine(
            "coffee-maker", "CM", "Coffee maker", "咖啡机", "851671", (430, 580), (2.6, 3.5), (0.016, 0.022), "gift",
            UNCOATED, ("heating-element", "controller", "glass-jug", "thermostat", "power-cord", "carton"),
            (("resin-abs", 0.5), ("steel", 0.2)),
        ),
        ProductLine(
            "humidifier", "HU", "Humidifier", "加湿器", "850980", (145, 195), (0.9, 1.2), (0.0075, 0.011), "winter",
            SHORT, ("controller", "power-cord", "carton"), (("resin-abs", 0.6),),
        ),
        ProductLine(
            "heater", "HT", "Fan heater", "暖风机", "851629", (300, 405), (2.2, 3.0), (0.015, 0.021), "winter",
            FULL, ("heating-element", "motor", "thermostat", "power-cord", "carton"),
            (("resin-abs", 0.4), ("steel", 0.3), ("coating-powder", 0.02)),
        ),
        ProductLine(
            "egg-cooker", "EC", "Egg cooker", "煮蛋器", "851660", (90, 120), (0.8, 0.9), (0.006, 0.007), "even",
            SHORT, ("heating-element", "power-cord"), (("resin-pp", 0.6),),
        ),
    ),
    styles=(
        ("Classic", "经典"), ("Mini", "迷你"), ("Pro", "专业"), ("Smart", "智能"), ("Travel", "旅行"), ("Family", "家庭"),
        ("Retro", "复古"), ("Quiet", "静音"), ("Lite", "轻巧"), ("Plus", "加强"),
    ),
    materials=(
        Material("resin-pp", "kg", 10.5), Material("resin-abs", "kg", 13.0), Material("steel", "kg", 14.0),
        Material("coating-powder", "kg", 38.0), Material("motor", "piece", 26.0),
        Material("heating-element", "piece", 13.0), Material("inner-pot", "piece", 30.0),
        Material("glass-jug", "piece", 11.0), Material("power-cord", "piece", 7.0), Material("carton", "piece", 4.5),
        Material("thermostat", "piece", 7.5, "JP", "JPY"), Material("controller", "piece", 22.0, "KR", "USD"),
        Material("bearing-set", "piece", 5.5, "DE", "EUR"), Material("stamped-parts", "kg", 58.0),
    ),
    filler="stamped-parts",
    specialists=("moulding", "coating", "assembly"),
    hub=Site("HUB", "Shunde consolidation hub 顺德集货中心", "hub", 22.84, 113.24, "CN", 8, 20, 0),
    port=Site("PORT", "Nansha port 南沙港", "port", 22.63, 113.68, "CN", 12, 35, 0),
)  # fmt: skip

SMALL_GOODS = Industry(
    name="Yiwu small goods 义乌小商品",
    region="Yiwu",
    lat=29.31,
    lon=120.07,
    trade_word="日用品",
    economics=SMALL_GOODS_ECONOMICS,
    lines=(
        ProductLine(
            "hair-clip", "HC", "Hair clips", "发夹", "961511", (9, 12), (0.04, 0.06), (0.0003, 0.0005), "gift",
            (("moulding", 1.0),), ("poly-bag",), (("resin-pp", 0.7),),
        ),
        ProductLine(
            "phone-case", "PC", "Phone case", "手机壳", "392690", (12, 16), (0.05, 0.08), (0.0003, 0.0006), "even",
            (("moulding", 0.5), ("printing", 0.5)), ("poly-bag",), (("resin-tpu", 0.8), ("ink", 0.02)),
        ),
        ProductLine(
            "toy-car", "TC", "Toy car", "玩具小车", "950300", (24, 32), (0.14, 0.2), (0.0012, 0.002), "gift",
            (("moulding", 0.6), ("printing", 0.4)), ("gear-set", "colour-box"), (("resin-abs", 0.7), ("ink", 0.01)),
        ),
        ProductLine(
            "socks", "SK", "Socks, 3 pairs", "袜子（三双）", "611595", (16, 21), (0.1, 0.14), (0.0007, 0.001), "winter",
            (("sewing", 1.0),), ("poly-bag",), (("yarn", 0.95),),
        ),
        ProductLine(
            "tote-bag", "TB", "Tote bag", "手提袋", "420292", (22, 30), (0.13, 0.18), (0.0006, 0.0009), "even",
            (("sewing", 0.6), ("printing", 0.4)), ("poly-bag",), (("canvas", 0.9), ("ink", 0.02)),
        ),
        ProductLine(
            "ornament", "OR", "Christmas ornament", "圣诞挂件", "950510", (14, 19), (0.07, 0.11), (0.0009, 0.0014), "gift",
            (("moulding", 0.6), ("printing", 0.4)), ("colour-box",), (("resin-pp", 0.6), ("ink", 0.03)),
        ),
        ProductLine(
            "kitchen-tool", "KI", "Silicone kitchen tool", "硅胶厨具", "392410", (20, 27), (0.11, 0.16), (0.0005, 0.0009),
            "even", (("moulding", 1.0),), ("colour-box",), (("silicone", 0.8),),
        ),
        ProductLine(
            "pencil-case", "PE", "Pencil case", "文具袋", "420232", (17, 23), (0.09, 0.13), (0.0006, 0.001), "summer",
            (("sewing", 1.0),), ("zip", "poly-bag"), (("canvas", 0.8),),
        ),
        ProductLine(
            "beach-mat", "BM", "Beach mat", "沙滩垫", "630790", (34, 45), (0.22, 0.3), (0.0016, 0.0024), "summer",
            (("sewing", 0.6), ("printing", 0.4)), ("poly-bag",), (("canvas", 0.9), ("ink", 0.01)),
        ),
        ProductLine(
            "storage-box", "ST", "Storage box", "收纳盒", "392310", (26, 35), (0.17, 0.24), (0.0018, 0.003), "even",
            (("moulding", 1.0),), ("poly-bag",), (("resin-pp", 0.9),),
        ),
    ),
    styles=(
        ("Plain", "素色"), ("Stripe", "条纹"), ("Dots", "波点"), ("Flower", "花卉"), ("Animal", "动物"), ("Star", "星星"),
        ("Mini", "迷你"), ("Large", "大号"), ("Set", "套装"), ("Pastel", "马卡龙"),
    ),
    materials=(
        Material("resin-pp", "kg", 10.5), Material("resin-abs", "kg", 13.0), Material("resin-tpu", "kg", 22.0),
        Material("silicone", "kg", 28.0), Material("yarn", "kg", 26.0), Material("canvas", "kg", 24.0),
        Material("zip", "piece", 0.6), Material("poly-bag", "piece", 0.12), Material("colour-box", "piece", 0.7),
        Material("gear-set", "piece", 1.6, "JP", "JPY"), Material("ink", "kg", 85.0, "DE", "EUR"),
        Material("trim", "kg", 46.0),
    ),
    filler="trim",
    specialists=("printing",),
    hub=Site("HUB", "Yiwu consolidation hub 义乌集货中心", "hub", 29.31, 120.07, "CN", 7, 18, 0),
    port=Site("PORT", "Ningbo-Zhoushan port 宁波舟山港", "port", 29.94, 121.85, "CN", 12, 35, 0),
)  # fmt: skip

INDUSTRIES = {"appliances": APPLIANCES, "small-goods": SMALL_GOODS}
